import { rowsAt } from '../../store/read/rows-at.ts';
import { turnsWithin } from '../../store/read/turns-within.ts';
import type { ReadOptions, SpanStore } from '../../store/store.ts';
import { withOtherStatements } from './habits/other-statements.ts';
import { withOwnConnections } from './habits/own-connections.ts';
import { withCallsAtOnce } from './habits/read-calls-at-once.ts';
import { withUsualDurations } from './habits/usual-durations.ts';
import { withLogExceptions } from './log-exceptions.ts';
import { withStalls } from './read-stalls.ts';
import { RecordReader, recordsSql } from './record-rows.ts';
import type { SpanColumns } from './span-columns.ts';
import { spanColumns } from './span-columns.ts';
import type { SpanRecord } from './span-record.ts';

/** Most spans of one trace. With their derived data they take about 250 MB of memory. */
export const MAX_TRACE_SPANS = 250_000;

/** Spans as read, in the order of arrival. */
export interface ReadRecords {
  readonly records: readonly SpanRecord[];
  /** The number of omitted copies of spans. An exporter's retry usually makes such copies. */
  readonly copies: number;
}

/**
 * Reads the spans of a trace, without events and links. Stops after the `limit` spans that arrived first.
 */
export function readTraceRecords(
  store: SpanStore,
  traceId: string,
  { limit = MAX_TRACE_SPANS, ...options }: ReadOptions & { readonly limit?: number } = {},
): Promise<ReadRecords> {
  const c = spanColumns(store);
  const ofTrace = `SELECT * FROM spans WHERE ${c.traceId} = $1 AND ${c.isSpan} ORDER BY _seq LIMIT ${limit}`;
  return readRecords(store, `(${ofTrace}) AS spans`, [traceId], options);
}

/**
 * Reads spans, each once.
 * @param from the rows of the spans, for FROM
 * @param values of the placeholders in `from`
 * @param chosen SQL of the spans' columns; a caller that needs few of them leaves the others out as 'NULL', and exceptions of log
 * records with them
 */
export async function readRecords(
  store: SpanStore,
  from: string,
  values: readonly unknown[],
  options: ReadOptions = {},
  chosen?: SpanColumns,
): Promise<ReadRecords> {
  const columns = chosen ?? spanColumns(store);
  const reader = new RecordReader();
  const ofTraces = `${columns.traceId} IN (SELECT ${columns.traceId} FROM ${from})`;
  const rows = chosen === undefined ? withLogExceptions(store, from, ofTraces, true) : from;
  const take = (row: readonly unknown[]) => reader.take(row);
  await store.read(recordsSql(store, rows, columns), values, { ...options, take });
  const records = await reader.inOrder(turnsWithin(options));
  const stalled = await withStalls(store, records, options);
  const usual = stalled === records ? records : await withUsualDurations(store, stalled, options);
  const told = chosen === undefined ? await withHabits(store, usual, options) : usual;
  return withoutCopies(store, told, options);
}

/** The records with what only the calls around them tell. */
async function withHabits(store: SpanStore, records: readonly SpanRecord[], options: ReadOptions) {
  const beside = await withOtherStatements(store, records, options);
  return withCallsAtOnce(store, await withOwnConnections(store, beside, options), options);
}

/** Leaves out copies. The first of equal spans stays. */
async function withoutCopies(
  store: SpanStore,
  records: readonly SpanRecord[],
  options: ReadOptions,
): Promise<ReadRecords> {
  const copies = await findCopies(store, records, options);
  if (copies.size === 0) return { records, copies: 0 };
  return { records: records.filter(({ sequence }) => !copies.has(sequence)), copies: copies.size };
}

/** Copies of earlier spans, by `_seq`: equal spans that came again. Only spans with the same id are compared. */
export async function findCopies(
  store: SpanStore,
  records: Iterable<Pick<SpanRecord, 'traceId' | 'spanId' | 'sequence'>>,
  options: ReadOptions = {},
): Promise<ReadonlySet<number>> {
  const first = new Map<string, number>();
  const sharing = new Set<number>();
  for (const { traceId, spanId, sequence } of records) {
    const known = first.get(traceId + spanId);
    if (known === undefined) first.set(traceId + spanId, sequence);
    else sharing.add(known).add(sequence);
  }
  if (sharing.size === 0) return sharing;
  const c = spanColumns(store);
  const { rows } = await store.read(
    `SELECT _seq FROM ${rowsAt([...sharing])}
    QUALIFY row_number() OVER (PARTITION BY ${c.traceId}, ${c.spanId}, ${c.fingerprint} ORDER BY _seq) > 1`,
    [],
    options,
  );
  return new Set(rows.map(([sequence]) => Number(sequence)));
}
