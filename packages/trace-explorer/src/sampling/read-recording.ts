import { decodeSpan } from '@tandem/otlp';
import { problems } from '../errors.ts';
import type { FieldValue } from '../fields/field-type.ts';
import type { ReadOptions, SpanStore } from '../store/store.ts';
import { spanColumns } from '../traces/read/span-columns.ts';
import type { Column, Rows } from './recording.ts';
import { EVENT, LINK, Recording, SPAN } from './recording.ts';

/** Rows of one recording. Its columns need some 100 bytes for each. */
const MOST_ROWS = 4_000_000;
/** Rows that one statement reads, so that DuckDB's copy of the rows stays small. */
const ROWS_AT_ONCE = 50_000;
/** Columns before the asked fields. */
const OWN = 10;
/** The place of the scope's id in these columns. */
const SCOPE = OWN - 1;

/** What to read: nanoseconds since the epoch, and what the rules and the report look at. */
export interface Wanted {
  readonly start: bigint;
  readonly end: bigint;
  readonly fields: ReadonlySet<string>;
  /** Fields that only the first span of a trace needs. Reading text is most of the work. */
  readonly rootFields?: ReadonlySet<string>;
  /** Whether a rule looks at spans' flags, which only the message has. */
  readonly flags?: boolean;
  /** Whether a rule looks at the size of a trace. */
  readonly sizes?: boolean;
}

/**
 * Reads the traces' rows of a time range, with the wanted fields.
 * @throws QUERY_TOO_LARGE for too many rows
 */
export async function readRecording(
  store: SpanStore,
  { start, end, fields, rootFields = new Set(), flags = false, sizes = false }: Wanted,
  options: ReadOptions = {},
): Promise<Recording> {
  const c = spanColumns(store);
  const within = `_time >= $1 AND _time < $2 AND ${c.traceId} IS NOT NULL AND NOT coalesce(${c.isLog}, false)`;
  const { rows: found } = await store.read(
    `SELECT count(*), min(_time), min(_seq), max(_seq) FROM spans WHERE ${within}`,
    [start, end],
    options,
  );
  const [count, first, from, to] = (found[0] ?? []).map(Number) as [number, number, number, number];
  if (count > MOST_ROWS)
    throw problems.QUERY_TOO_LARGE({
      detail: `The range has ${count} spans, events and links. Rules are tried on at most ${MOST_ROWS}: choose a shorter range.`,
    });
  const begin = count === 0 ? start : BigInt((found[0]?.[1] ?? first) as number);
  const stored = store.fields();
  const kept = [...new Set([...fields, ...rootFields])].flatMap((name) => stored.get(name) ?? []);
  const columns = new Map<string, Column>();
  const places = new Map(kept.map(({ name }) => [name, new Map<FieldValue, number>()]));
  for (const { name, type } of kept)
    columns.set(name, { type, codes: new Int32Array(count).fill(-1), values: [] });
  const rows = emptyRows(count);
  const traces = new Map<string, number>();
  const scopes = new Int32Array(sizes ? count : 0);
  let at = 0;
  let spanArrival = 0;
  let trace = 0;
  const take = (row: readonly unknown[]) => {
    if (at >= count) return;
    const [id, kind, offset, duration, root, failed, weight, bytes, message] = row;
    if (id !== null) trace = traces.get(id as string) ?? traces.size;
    if (trace === traces.size) traces.set(id as string, trace);
    rows.trace[at] = trace;
    rows.kind[at] = kind as number;
    rows.start[at] = offset as number;
    if (kind === SPAN) spanArrival = (offset as number) + (duration as number);
    rows.arrival[at] = spanArrival;
    rows.root[at] = root ? 1 : 0;
    rows.failed[at] = failed ? 1 : 0;
    rows.weight[at] = weight as number;
    rows.bytes[at] = bytes as number;
    if (sizes) scopes[at] = row[SCOPE] as number;
    if (message instanceof Uint8Array && message.byteLength > 0) rows.flags[at] = decodeSpan(message).flags;
    let place = OWN;
    for (const { name } of kept) {
      const value = row[place++] as FieldValue | null;
      const column = columns.get(name);
      const known = places.get(name);
      if (value === null || column === undefined || known === undefined) continue;
      let code = known.get(value);
      if (code === undefined) {
        code = column.values.push(value) - 1;
        known.set(value, code);
      }
      column.codes[at] = code;
    }
    at++;
  };
  const rate = store.sampleRate()?.sql;
  const isRoot = `${c.isSpan} AND ${c.parentId} IS NULL`;
  const selected = [
    // NULL for the trace of the row before.
    `CASE WHEN ${c.traceId} IS DISTINCT FROM lag(${c.traceId}) OVER (ORDER BY _seq) THEN ${c.traceId} END`,
    `CASE WHEN ${c.isSpan} THEN ${SPAN} WHEN ${stored.get('meta.annotation_type')?.sql} = 'link' THEN ${LINK} ELSE ${EVENT} END`,
    `CAST(_time - ${begin} AS DOUBLE)`,
    `CAST(${c.duration} AS DOUBLE)`,
    isRoot,
    c.error,
    rate === undefined ? '1' : `coalesce(CAST(${rate} AS DOUBLE), 1)`,
    '_bytes',
    flags ? '_span' : 'NULL',
    sizes ? '_scope' : 'NULL',
    ...kept.map(({ name, sql }) => (fields.has(name) ? sql : `CASE WHEN ${isRoot} THEN ${sql} END`)),
  ];
  for (let seq = from; count > 0 && seq <= to; seq += ROWS_AT_ONCE)
    await store.read(
      `SELECT ${selected.join(', ')} FROM spans WHERE ${within} AND _seq >= $3 AND _seq < $4 ORDER BY _seq`,
      [start, end, seq, Math.min(seq + ROWS_AT_ONCE, to + 1)],
      { ...options, take },
    );
  if (sizes) await measure(store, rows, scopes);
  return new Recording(cut(rows, at), { begin, traceIds: [...traces.keys()], columns });
}

function emptyRows(count: number): Rows {
  return {
    trace: new Int32Array(count),
    kind: new Uint8Array(count),
    start: new Float64Array(count),
    arrival: new Float64Array(count),
    root: new Uint8Array(count),
    failed: new Uint8Array(count),
    weight: new Float64Array(count),
    bytes: new Float64Array(count),
    size: new Float64Array(count),
    flags: new Uint32Array(count),
  };
}

/** The rows that were read: some may have been deleted in between. */
function cut(rows: Rows, count: number): Rows {
  return Object.fromEntries(
    Object.entries(rows).map(([name, values]) => [name, values.subarray(0, count)]),
  ) as unknown as Rows;
}

/** Sets the sizes of spans that come alone: protobuf frames each message with a tag and its length. */
async function measure(store: SpanStore, { kind, bytes, size }: Rows, scopes: Int32Array): Promise<void> {
  const stored = await store.scopes([...new Set(scopes)]);
  for (const [row, id] of scopes.entries()) {
    if (kind[row] !== SPAN) continue;
    const { resource, scope } = stored.get(id) ?? {};
    const spans = framed(scope?.byteLength ?? 0) + framed(bytes[row] ?? 0);
    size[row] = framed(resource?.byteLength ?? 0) + framed(spans);
  }
}

/** Bytes of a message within another one: a tag, the length in groups of 7 bits, and the message. */
function framed(bytes: number): number {
  return 1 + Math.max(1, Math.ceil(Math.log2(bytes + 1) / 7)) + bytes;
}
