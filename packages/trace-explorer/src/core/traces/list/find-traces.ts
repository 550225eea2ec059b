import type { Static } from 'typebox';
import type { ReadOptions, SpanStore } from '../../store/store.ts';
import type { SpanColumns } from '../read/span-columns.ts';
import { spanColumns } from '../read/span-columns.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';
import type { List } from './schemas.ts';
import type { TraceSpans, TraceSummary } from './summaries.ts';
import { readSummaries, spansOfTrace } from './summaries.ts';
import type { TraceFilter } from './trace-filter.ts';
import { durationConditions, rowConditions, spanConditions } from './trace-filter.ts';

/** Matching rows among which the newest traces are looked for. DuckDB (1.5) takes ten times as long for the newest 8,192. */
const NEWEST_ROWS = 4_096;

export interface TraceListOptions extends TraceFilter {
  readonly order: 'newest' | 'slowest';
  readonly limit: number;
  readonly cursor?: string;
}

interface TraceIds {
  readonly ids: readonly string[];
  readonly next?: string;
  /** Known spans of the traces, for readSummaries. */
  readonly spans?: readonly TraceSpans[];
}

type TraceList = Static<typeof List>;

/** Finds traces and summarizes them, newest or slowest first. */
export async function findTraces(
  store: SpanStore,
  options: TraceListOptions,
  read: ReadOptions = {},
): Promise<TraceList> {
  const { ids, next, spans } = await findTraceIds(store, options, read);
  const traces = (await readSummaries(store, ids, read, spans)).filter((trace) => fits(trace, options));
  if (options.order === 'slowest') traces.sort(bySlowest);
  return { traces, ...(next !== undefined && { next }) };
}

/**
 * Whether the duration and the errors of a whole trace match the filter. Traces are found and paged by their times as sent. So
 * a trace whose clocks were corrected may be shorter or longer here.
 */
export function fits({ duration_ms: duration, errors: failed }: TraceSummary, filter: TraceFilter): boolean {
  const { min_duration_ms: least = 0, max_duration_ms: most = Number.POSITIVE_INFINITY, errors } = filter;
  return duration >= least && duration <= most && (errors !== false || failed === 0);
}

/** Orders traces by duration. Clock corrections may have changed the durations. */
function bySlowest(a: TraceSummary, b: TraceSummary): number {
  return b.duration_ms - a.duration_ms;
}

/** Finds ids of traces, newest or slowest first. The ids of several lists can be summarized together. */
export async function findTraceIds(
  store: SpanStore,
  options: TraceListOptions,
  read: ReadOptions = {},
): Promise<TraceIds> {
  const { newest, sql, values } = listStatements(store, options);
  let rows: readonly (readonly unknown[])[] = [];
  // A condition on a field may take as long as a scan: a field without a column of its own is searched as text.
  const short = options.field === undefined;
  if (newest !== undefined) ({ rows } = await store.read(newest, values, { ...read, short }));
  const isFound = rows.length > options.limit || rows[0]?.[2] === true;
  const spans = isFound ? rows.slice(0, options.limit).map((row) => row.slice(3)) : undefined;
  // One row more than the limit tells whether there is a next page.
  if (spans === undefined) ({ rows } = await store.read(sql, values, read));
  const page = rows.slice(0, options.limit);
  const ids = page.map(([traceId]) => String(traceId));
  const last = page.at(-1);
  const isLast = rows.length <= options.limit || last === undefined;
  return {
    ids,
    ...(spans && { spans }),
    ...(!isLast && { next: encodeCursor(options.order, last[1], last[0]) }),
  };
}

/** The statement of a list. For the newest traces also a statement that reads few rows and may find too few traces. */
function listStatements(store: SpanStore, options: TraceListOptions) {
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
    const [last, traceId] = readCursor(options.cursor, options.order);
    const at = `CAST(${bind(last)} AS BIGINT)`;
    having.push(`(${key} < ${at} OR (${key} = ${at} AND trace_id < ${bind(traceId)}))`);
  }
  const where = having.length === 0 ? '' : `WHERE ${having.join(' AND ')}`;
  // Without conditions on whole traces, only the two columns of the order are read.
  const errors = options.errors === false ? `, count(*) FILTER (WHERE ${c.error}) AS errors` : '';
  const limit = `${bind(options.limit + 1)}::INTEGER`;
  const sql = `SELECT trace_id, ${key} FROM (
      SELECT ${c.traceId} AS trace_id, min(${c.start}) AS start, ${lastOf(options, c)} - min(${c.start}) AS duration${errors}
      FROM spans WHERE ${rows.join(' AND ')}${inMatching} GROUP BY 1
    ) ${where} ORDER BY ${key} DESC, trace_id DESC LIMIT ${limit}`;
  const isOfNewest = options.order === 'newest' && having.length === 0;
  const newest = isOfNewest ? newestSql(c, rows, matching, limit) : undefined;
  return { newest, sql, values };
}

/**
 * The newest traces, with their spans. No row of a trace is older than the trace's begin. So a trace that begins after the oldest
 * of the newest matching rows has all its matching rows among them, and only the traces of these rows are read whole. The third
 * column says whether there are no traces but these.
 */
function newestSql(
  c: SpanColumns,
  rows: readonly string[],
  matching: readonly string[],
  limit: string,
): string {
  return `WITH newest AS MATERIALIZED (
      SELECT ${c.traceId} AS id, ${c.start} AS start FROM spans
      WHERE ${[...rows, ...matching].join(' AND ')} ORDER BY _time DESC LIMIT ${NEWEST_ROWS}
    ), candidates AS MATERIALIZED (
      SELECT id, min(start) AS oldest FROM newest GROUP BY 1 ORDER BY 2 DESC LIMIT 2 * ${limit}
    ), known AS MATERIALIZED (
      SELECT min(oldest) AS since, count(*) < 2 * ${limit} AND (SELECT count(*) FROM newest) < ${NEWEST_ROWS} AS is_all FROM candidates
    )
    SELECT ${c.traceId} AS trace_id, min(${c.start}) FILTER (WHERE ${rows.join(' AND ')}) AS start, is_all, ${spansOfTrace(c)}
    FROM spans, known WHERE ${c.isSpan} AND ${c.traceId} IN (SELECT id FROM candidates)
    GROUP BY 1, is_all, since HAVING is_all OR start > since ORDER BY start DESC, trace_id DESC LIMIT ${limit}`;
}

/** Start or duration (nanoseconds) and id of the last trace of a page. @throws BAD_CURSOR */
function readCursor(cursor: string, order: TraceListOptions['order']): string[] {
  return decodeCursor(cursor, new RegExp(`^${order} (-?\\d{1,19}) ([0-9a-f]{1,64})$`));
}

function lastOf(options: TraceListOptions, c: SpanColumns): string {
  const needed =
    options.order === 'slowest' ||
    options.min_duration_ms !== undefined ||
    options.max_duration_ms !== undefined;
  return needed ? `max(${c.start} + ${c.duration})` : '0';
}
