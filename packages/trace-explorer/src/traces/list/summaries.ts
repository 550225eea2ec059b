import type { Static } from 'typebox';
import type { ReadOptions, SpanStore } from '../../store/types.ts';
import type { Summary } from '../api/schemas.ts';
import { rfc3339 } from '../read/rfc3339.ts';
import { rowsAt } from '../read/rows-at.ts';
import type { SpanColumns } from '../read/span-columns.ts';
import { spanColumns } from '../read/span-columns.ts';
import type { CorrectedTimes } from './corrected-times.ts';
import { hostSql, readCorrectedTimes, SKEWED } from './corrected-times.ts';
import { SELF_TIMES } from './self-times.ts';

/** A trace in one line. */
export type TraceSummary = Static<typeof Summary>;

/** More rows than this are found by their traces' ids: a statement that names them would be long. */
const MAX_NAMED_ROWS = 20_000;

/** Spans of traces whose clocks differ that are read in all. Other such traces keep their times as sent. */
const MAX_CORRECTED_SPANS = 20_000;

/** Summaries of the given traces, in that order; traces that are gone are left out. */
export async function readSummaries(
  store: SpanStore,
  traceIds: readonly string[],
  options: ReadOptions = {},
): Promise<TraceSummary[]> {
  if (traceIds.length === 0) return [];
  const c = spanColumns(store);
  const source = await rowsOf(store, traceIds, options);
  const { rows } = await store.read(
    `WITH s AS MATERIALIZED (
      SELECT ${c.traceId} AS trace_id, ${c.service} AS service, ${c.name} AS name, ${c.spanId} AS span_id,
        ${c.parentId} AS parent_id, ${c.error} AS error, ${c.timed} AS timed, ${c.start} AS start, ${c.duration} AS duration,
        ${c.kind} AS kind, ${hostSql(store)} AS host,
        ${store.sampleRate()?.sql ?? 'NULL::BIGINT'} AS rate
      FROM ${source.from}
    ),
    parts AS (
      SELECT trace_id, service,
        count(*), count(*) FILTER (WHERE error),
        coalesce(min(start) FILTER (WHERE timed), min(start)),
        coalesce(max(start + duration) FILTER (WHERE timed), max(start)),
        arg_min(span_id, start) FILTER (WHERE parent_id IS NULL), arg_min(name, start) FILTER (WHERE parent_id IS NULL),
        min(start) FILTER (WHERE parent_id IS NULL),
        arg_min(span_id, start), arg_min(name, start), max(rate)
      FROM s GROUP BY trace_id, service
    ),
    ${SELF_TIMES},
    ${SKEWED}
    SELECT parts.*, CAST(self AS DOUBLE), trace_id IN (FROM skewed) FROM parts LEFT JOIN self_times USING (trace_id, service)`,
    source.values,
    options,
  );
  const parts = Map.groupBy(rows.map(partOf), (part) => part.traceId);
  const corrected = await readCorrectedTimes(store, skewedTraces(parts), source, options);
  return traceIds.flatMap((traceId) => {
    const found = parts.get(traceId);
    return found ? [summaryOf(traceId, found, corrected.get(traceId))] : [];
  });
}

/** Traces whose clocks differ, as many as may be read. */
function skewedTraces(traces: ReadonlyMap<string, readonly Part[]>): string[] {
  let room = MAX_CORRECTED_SPANS;
  return [...traces].flatMap(([traceId, parts]) => {
    const spans = parts.reduce((sum, part) => sum + part.spans, 0);
    if (!parts.some(({ isSkewed }) => isSkewed) || spans > room) return [];
    room -= spans;
    return [traceId];
  });
}

/**
 * The spans of these traces, equal copies once. Their places are looked up first: a condition on trace ids lets DuckDB skip
 * nothing, and every column of a full store would be read for some hundred of its rows.
 */
async function rowsOf(store: SpanStore, traceIds: readonly string[], options: ReadOptions): Promise<Source> {
  const c = spanColumns(store);
  const where = `${c.traceId} IN (${traceIds.map((_, index) => `$${index + 1}`).join(', ')}) AND ${c.isSpan}`;
  // As many bits as a double holds: in the statement that sums up, looking for ids that are there twice costs half of its time.
  const { rows } = await store.read(
    `SELECT _seq, CAST(hash(${c.traceId}, ${c.spanId}) >> 11 AS DOUBLE) FROM spans WHERE ${where} LIMIT ${MAX_NAMED_ROWS + 1}`,
    traceIds,
    options,
  );
  if (rows.length > MAX_NAMED_ROWS) {
    const shared = `SELECT ${c.traceId}, ${c.spanId} FROM spans WHERE ${where} GROUP BY ALL HAVING count(*) > 1`;
    const all = `(SELECT * FROM spans WHERE ${where}) AS spans`;
    const sharing = `(SELECT * FROM spans WHERE ${where} AND (${c.traceId}, ${c.spanId}) IN (${shared})) AS spans`;
    return { from: withoutCopies(c, all, sharing), values: traceIds };
  }
  const all = rowsAt(rows.map(([seq]) => Number(seq)));
  const sharing = rowsOfSharedIds(rows);
  return { from: sharing.length === 0 ? all : withoutCopies(c, all, rowsAt(sharing)), values: [] };
}

/**
 * Rows of spans, for FROM, of equal copies the first.
 * @param sharing those among them that share their id with another
 */
function withoutCopies(c: SpanColumns, all: string, sharing: string): string {
  const copies = `SELECT _seq FROM ${sharing}
    QUALIFY row_number() OVER (PARTITION BY ${c.traceId}, ${c.spanId}, ${c.fingerprint} ORDER BY _seq) > 1`;
  return `(SELECT * FROM ${all} WHERE _seq NOT IN (${copies})) AS spans`;
}

/** Rows of spans, for FROM, with its values. */
interface Source {
  readonly from: string;
  readonly values: readonly unknown[];
}

/** The places of rows whose second column another row has. */
function rowsOfSharedIds(rows: readonly (readonly unknown[])[]): number[] {
  const first = new Map<unknown, number>();
  const sharing = new Set<number>();
  for (const [seq, id] of rows) {
    const known = first.get(id);
    if (known === undefined) first.set(id, Number(seq));
    else sharing.add(known).add(Number(seq));
  }
  return [...sharing];
}

/** A trace's rows of one service. */
interface Part {
  readonly traceId: string;
  readonly service: string;
  readonly spans: number;
  readonly errors: number;
  readonly selfMs: number;
  readonly start: bigint;
  readonly end: bigint;
  readonly root: { readonly spanId: string; readonly name: string; readonly start: bigint } | undefined;
  readonly first: { readonly spanId: string; readonly name: string };
  readonly sampleRate: number;
  /** Whether clocks of the trace cannot agree. */
  readonly isSkewed: boolean;
}

function partOf(row: readonly unknown[]): Part {
  const rootStart = row[8];
  return {
    traceId: String(row[0]),
    service: String(row[1] ?? ''),
    spans: Number(row[2]),
    errors: Number(row[3]),
    selfMs: Number(row[12] ?? 0) / 1e6,
    start: nanoseconds(row[4]),
    end: nanoseconds(row[5]),
    root:
      rootStart === null
        ? undefined
        : { spanId: String(row[6] ?? ''), name: String(row[7] ?? ''), start: nanoseconds(rootStart) },
    first: { spanId: String(row[9] ?? ''), name: String(row[10] ?? '') },
    sampleRate: Number(row[11] ?? 1),
    isSkewed: row[13] === true,
  };
}

function summaryOf(
  traceId: string,
  parts: readonly Part[],
  corrected: CorrectedTimes | undefined,
): TraceSummary {
  const start = corrected?.start ?? earliest(parts, (part) => part.start)?.start ?? 0n;
  const end = earliest(parts, (part) => -part.end)?.end ?? 0n;
  const duration = corrected?.duration ?? (end > start ? Number(end - start) : 0);
  const rooted = earliest(parts, (part) => part.root?.start);
  const first = earliest(parts, (part) => part.start);
  const of = rooted ?? first;
  const span = rooted?.root ?? first?.first;
  const sampleRate = parts.reduce((most, part) => Math.max(most, part.sampleRate), 1);
  return {
    trace_id: traceId,
    root: {
      span_id: span?.spanId ?? '',
      service: of?.service ?? '',
      name: span?.name ?? '',
      provisional: rooted === undefined,
    },
    services: parts
      .toSorted((a, b) => b.selfMs - a.selfMs || b.spans - a.spans || a.service.localeCompare(b.service))
      .map(({ service, spans, errors, selfMs }) => ({ name: service, spans, errors, self_ms: selfMs })),
    spans: parts.reduce((sum, part) => sum + part.spans, 0),
    errors: parts.reduce((sum, part) => sum + part.errors, 0),
    start: rfc3339(start),
    start_ns: start.toString(),
    duration_ms: duration / 1e6,
    ...(corrected && { clocks_corrected: true }),
    ...(sampleRate > 1 && { sample_rate: sampleRate }),
  };
}

function earliest(parts: readonly Part[], time: (part: Part) => bigint | undefined): Part | undefined {
  let best: Part | undefined;
  let bestTime: bigint | undefined;
  for (const part of parts) {
    const at = time(part);
    if (at === undefined || (bestTime !== undefined && at >= bestTime)) continue;
    best = part;
    bestTime = at;
  }
  return best;
}

function nanoseconds(value: unknown): bigint {
  return typeof value === 'number' || typeof value === 'bigint' ? BigInt(value) : 0n;
}
