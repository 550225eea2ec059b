import type { Static } from 'typebox';
import { decodeCursor, encodeCursor } from '../../shared/cursor.ts';
import type { ReadOptions, SpanStore } from '../../store/store.ts';
import type { List } from '../api/schemas.ts';
import { spanColumns } from '../read/span-columns.ts';
import type { TraceSummary } from './summaries.ts';
import { readSummaries } from './summaries.ts';
import type { TraceFilter } from './trace-filter.ts';
import { durationConditions, rowConditions, spanConditions } from './trace-filter.ts';

export interface TraceListOptions extends TraceFilter {
  readonly order: 'newest' | 'slowest';
  readonly limit: number;
  readonly cursor?: string;
}

type TraceList = Static<typeof List>;

/** Finds traces and sums them up, newest or slowest first. */
export async function findTraces(
  store: SpanStore,
  options: TraceListOptions,
  read: ReadOptions = {},
): Promise<TraceList> {
  const { ids, next } = await findTraceIds(store, options, read);
  const traces = (await readSummaries(store, ids, read)).filter((trace) => fits(trace, options));
  if (options.order === 'slowest') traces.sort(bySlowest);
  return { traces, ...(next !== undefined && { next }) };
}

/**
 * Whether a trace as a whole fits: how long it took, and whether it has errors. Traces are found, and put in pages, by
 * their times as sent: one whose clocks differ may be shorter or longer.
 */
export function fits({ duration_ms: duration, errors: failed }: TraceSummary, filter: TraceFilter): boolean {
  const { min_duration_ms: least = 0, max_duration_ms: most = Number.POSITIVE_INFINITY, errors } = filter;
  return duration >= least && duration <= most && (errors !== false || failed === 0);
}

/** Orders traces by their lengths, which may be corrected ones. */
export function bySlowest(a: TraceSummary, b: TraceSummary): number {
  return b.duration_ms - a.duration_ms;
}

/** Finds ids of traces, newest or slowest first. Ids of several lists can be summed up together. */
export async function findTraceIds(
  store: SpanStore,
  options: TraceListOptions,
  read: ReadOptions = {},
): Promise<{ readonly ids: readonly string[]; readonly next?: string }> {
  // One more row than asked for tells whether there is a next page.
  const { sql, values } = listStatement(store, options);
  const { rows } = await store.read(sql, values, read);
  const page = rows.slice(0, options.limit);
  const ids = page.map(([traceId]) => String(traceId));
  const last = page.at(-1);
  if (rows.length <= options.limit || last === undefined) return { ids };
  return {
    ids,
    next: encodeCursor(options.order, last[1], last[0]),
  };
}

function listStatement(store: SpanStore, options: TraceListOptions): { sql: string; values: unknown[] } {
  const c = spanColumns(store);
  const values: unknown[] = [];
  const bind = (value: unknown) => `$${values.push(value)}`;
  const rows = [c.isSpan, `${c.traceId} IS NOT NULL`, ...rowConditions(store, options, bind)];
  const matching = spanConditions(store, options, bind);
  const inMatching =
    matching.length === 0
      ? ''
      : ` AND ${c.traceId} IN (SELECT ${c.traceId} FROM spans WHERE ${[...rows, ...matching].join(' AND ')})`;

  const key = options.order === 'newest' ? 'start' : 'duration';
  const having = durationConditions(options, bind);
  if (options.errors === false) having.push('errors = 0');
  if (options.cursor !== undefined) {
    const [last, traceId] = placeOf(options.cursor, options.order);
    const at = `CAST(${bind(last)} AS BIGINT)`;
    having.push(`(${key} < ${at} OR (${key} = ${at} AND trace_id < ${bind(traceId)}))`);
  }
  const where = having.length === 0 ? '' : `WHERE ${having.join(' AND ')}`;
  // Without conditions on whole traces only the two columns of the order are read.
  const errors = options.errors === false ? `, count(*) FILTER (WHERE ${c.error}) AS errors` : '';
  const sql = `SELECT trace_id, ${key} FROM (
      SELECT ${c.traceId} AS trace_id, min(${c.start}) AS start, ${lastOf(options, c)} - min(${c.start}) AS duration${errors}
      FROM spans WHERE ${rows.join(' AND ')}${inMatching} GROUP BY 1
    ) ${where} ORDER BY ${key} DESC, trace_id DESC LIMIT ${bind(options.limit + 1)}::INTEGER`;
  return { sql, values };
}

/** Start or duration (nanoseconds) and id of the last trace of a page. @throws BAD_CURSOR */
function placeOf(cursor: string, order: TraceListOptions['order']): string[] {
  return decodeCursor(cursor, new RegExp(`^${order} (-?\\d{1,19}) ([0-9a-f]{1,64})$`));
}

function lastOf(options: TraceListOptions, c: ReturnType<typeof spanColumns>): string {
  const needed =
    options.order === 'slowest' ||
    options.min_duration_ms !== undefined ||
    options.max_duration_ms !== undefined;
  return needed ? `max(${c.start} + ${c.duration})` : '0';
}
