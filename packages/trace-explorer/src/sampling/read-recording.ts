import { decodeSpan } from '@tandem/otlp';
import { problems } from '../errors.ts';
import type { FieldType } from '../fields/field-type.ts';
import { nextTurn } from '../shared/turns.ts';
import type { ReadOptions, SpanStore } from '../store/store.ts';
import { spanColumns } from '../traces/read/span-columns.ts';
import type { Column, Rows, Value } from './recording.ts';
import { EVENT, LINK, Recording, SPAN } from './recording.ts';

/** Rows of one recording. Its columns need some 100 bytes for each. */
const MOST_ROWS = 4_000_000;
/** Rows that one statement reads, so that DuckDB's copy of the rows stays small. */
const ROWS_AT_ONCE = 50_000;
/** Values of a column, and characters of a value, up to which DuckDB numbers them. */
const MOST_CODED = 10_000;
const LONGEST_CODED = 500;
/** Columns before the asked fields. */
const OWN = 8;
/** Bits of a row's facts. */
const [KIND, ROOT, FAILED] = [3, 4, 8];

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
  const range = { sql: within, values: [start, end] };
  const columns = new Map<string, Column>();
  const codings: Coding[] = [];
  for (const { name, type, sql } of kept) {
    const own = fields.has(name) ? sql : `CASE WHEN ${c.isSpan} AND ${c.parentId} IS NULL THEN ${sql} END`;
    const coding = await codingOf(store, { sql: own, type }, range, options);
    columns.set(name, { type, codes: new Int32Array(count).fill(-1), values: coding.values });
    codings.push(coding);
  }
  const rows = emptyRows(count);
  const traces = new Map<string, number>();
  const scopes = new Int32Array(sizes ? count : 0);
  let at = 0;
  let spanArrival = 0;
  let trace = 0;
  const takeColumns = (read: readonly (readonly unknown[])[], found: number) => {
    const size = Math.min(found, count - at);
    const [ids = [], ...own] = read;
    const [facts, starts, durations, bytes, weights, messages, scopesRead] = own as Read;
    for (let each = 0; each < size; each++) {
      const [id, start] = [ids[each], starts[each] ?? 0];
      const row = at + each;
      if (typeof id === 'string') trace = traces.get(id) ?? traces.size;
      if (trace === traces.size) traces.set(String(id), trace);
      const fact = facts[each] ?? 0;
      const kind = fact & KIND;
      if (kind === SPAN) spanArrival = start + (durations[each] ?? 0);
      rows.trace[row] = trace;
      rows.start[row] = start;
      rows.arrival[row] = spanArrival;
      rows.kind[row] = kind;
      rows.root[row] = fact & ROOT ? 1 : 0;
      rows.failed[row] = fact & FAILED ? 1 : 0;
      rows.bytes[row] = bytes[each] ?? 0;
      rows.weight[row] = weights[each] ?? 1;
      if (sizes) scopes[row] = scopesRead[each] ?? 0;
    }
    if (flags) for (let each = 0; each < size; each++) rows.flags[at + each] = flagsOf(messages[each]);
    for (const [place, { codeOf }] of codings.entries()) {
      const values = read[OWN + place] ?? [];
      const { codes } = columns.get(kept[place]?.name ?? '') ?? { codes: new Int32Array(0) };
      for (let each = 0; each < size; each++) codes[at + each] = codeOf(values[each]);
    }
    at += size;
  };
  const rate = store.sampleRate()?.sql;
  const selected = [
    // NULL for the trace of the row before.
    `CASE WHEN ${c.traceId} IS DISTINCT FROM lag(${c.traceId}) OVER (ORDER BY _seq) THEN ${c.traceId} END`,
    `CASE WHEN ${c.isSpan} THEN ${SPAN} + CASE WHEN ${c.parentId} IS NULL THEN ${ROOT} ELSE 0 END WHEN ${stored.get('meta.annotation_type')?.sql} = 'link' THEN ${LINK} ELSE ${EVENT} END + CASE WHEN ${c.error} THEN ${FAILED} ELSE 0 END`,
    `CAST(_time - ${begin} AS DOUBLE)`,
    `CAST(${c.duration} AS DOUBLE)`,
    'CAST(_bytes AS DOUBLE)',
    // A column that nobody looks at is not read.
    ...[rate && `CAST(${rate} AS DOUBLE)`, flags && '_span', sizes && '_scope'].map((sql) => sql || '1'),
    ...codings.map(({ sql }) => sql),
  ];
  for (let seq = from; count > 0 && seq <= to; seq += ROWS_AT_ONCE) {
    await store.read(
      `SELECT ${selected.join(', ')} FROM spans WHERE ${within} AND _seq >= $3 AND _seq < $4 ORDER BY _seq`,
      [start, end, seq, Math.min(seq + ROWS_AT_ONCE, to + 1)],
      { ...options, takeColumns },
    );
    await nextTurn();
  }
  if (sizes) await measure(store, rows, scopes);
  // Some rows may have been deleted in between.
  const read = { ...rows, trace: rows.trace.subarray(0, at) };
  return new Recording({ rows: read, begin, traceIds: [...traces.keys()], columns });
}

type Numbers = readonly number[];
type Read = [Numbers, Numbers, Numbers, Numbers, Numbers, readonly unknown[], Numbers];

function flagsOf(message: unknown): number {
  return message instanceof Uint8Array && message.byteLength > 0 ? decodeSpan(message).flags : 0;
}

/** How a column comes: as numbers of its values when these are few, which takes a third of the time of texts. */
interface Coding {
  readonly sql: string;
  readonly values: Value[];
  readonly codeOf: (read: unknown) => number;
}

async function codingOf(
  store: SpanStore,
  { sql, type }: { readonly sql: string; readonly type: FieldType },
  range: { readonly sql: string; readonly values: readonly unknown[] },
  options: ReadOptions,
): Promise<Coding> {
  if (type === 'string') {
    const { rows } = await store.read(
      `SELECT DISTINCT ${sql} FROM spans WHERE ${range.sql} LIMIT ${MOST_CODED + 1}`,
      range.values,
      options,
    );
    const values = rows.flatMap(([value]) => (value === null ? [] : [String(value)]));
    const isShort = values.every((value) => value.length <= LONGEST_CODED && !value.includes('\0'));
    if (values.length > 0 && rows.length <= MOST_CODED && isShort) {
      const literals = values.map((value) => `'${value.replaceAll("'", "''")}'`);
      const coded = `coalesce(enum_code(TRY_CAST(${sql} AS ENUM(${literals.join()}))), -1)`;
      return { sql: coded, values, codeOf: Number };
    }
  }
  const values: Value[] = [];
  const known = new Map<unknown, number>();
  const codeOf = (value: unknown) => {
    if (value === null || value === undefined) return -1;
    const code = known.get(value) ?? values.push(value as Value) - 1;
    known.set(value, code);
    return code;
  };
  return { sql, values, codeOf };
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
