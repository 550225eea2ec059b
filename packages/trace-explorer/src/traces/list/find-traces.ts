import type { Static } from 'typebox';
import { decodeCursor, encodeCursor } from '../../shared/cursor.ts';
import { nanosecondsOf } from '../../shared/nanoseconds.ts';
import type { ReadOptions, SpanStore } from '../../store/types.ts';
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

export interface FindOptions extends ReadOptions {
  /** Rows in the store above which recent time is looked at first. */
  readonly windowAbove?: number;
}

/** Up to this many rows the whole store is grouped by trace in under 20 ms. */
const WINDOW_ABOVE_ROWS = 1_000_000;
/** Seconds back from the newest span (or the cursor) that are looked at before the whole store is. */
const WINDOW_SECONDS = [300, 7200];
/** Nanoseconds: before every span. */
const EARLIEST = -(2n ** 63n);

/** Finds traces and sums them up, newest or slowest first. */
export async function findTraces(
  store: SpanStore,
  options: TraceListOptions,
  read: FindOptions = {},
): Promise<TraceList> {
  const { ids, next } = await findTraceIds(store, options, read);
  const traces = (await readSummaries(store, ids, read)).filter((trace) => fitsCorrected(trace, options));
  if (options.order === 'slowest') traces.sort(bySlowest);
  return { traces, ...(next !== undefined && { next }) };
}

/** Traces are found, and put in pages, by their times as sent: one whose clocks differ may be shorter or longer. */
function fitsCorrected(
  trace: TraceSummary,
  { min_duration_ms: min = 0, max_duration_ms: max = Number.POSITIVE_INFINITY }: TraceFilter,
): boolean {
  const { clocks_corrected: isCorrected = false, duration_ms: duration } = trace;
  return !isCorrected || (duration >= min && duration <= max);
}

/** Orders traces by their lengths, which may be corrected ones. */
export function bySlowest(a: TraceSummary, b: TraceSummary): number {
  return b.duration_ms - a.duration_ms;
}

/** Finds traces, newest or slowest first; those of several lists can be summed up together. */
export async function findTraceIds(
  store: SpanStore,
  options: TraceListOptions,
  read: FindOptions = {},
): Promise<{ readonly ids: readonly string[]; readonly next?: string }> {
  const list = async (limit: number, floor?: bigint) => {
    const { sql, values } = listStatement(store, options, limit, floor);
    return (await store.read(sql, values, read)).rows;
  };
  const windows = options.order === 'newest' && store.stats().rows > (read.windowAbove ?? WINDOW_ABOVE_ROWS);
  // One more row than asked for tells whether there is a next page.
  const rows = (windows && (await newestRows(store, options, list, read))) || (await list(options.limit + 1));
  const page = rows.slice(0, options.limit);
  const ids = page.map(([traceId]) => String(traceId));
  const last = page.at(-1);
  if (rows.length <= options.limit || last === undefined) return { ids };
  return {
    ids,
    next: encodeCursor(options.order, last[1], last[0]),
  };
}

type Row = readonly unknown[];

/**
 * The newest traces, from recent spans alone where those are enough. A trace that began before the window would
 * seem to be newer than it is: it is left out, and found by a longer look.
 */
async function newestRows(
  store: SpanStore,
  { limit, cursor, start_time, end_time }: TraceListOptions,
  list: (limit: number, floor: bigint) => Promise<readonly Row[]>,
  read: ReadOptions,
): Promise<readonly Row[] | undefined> {
  const c = spanColumns(store);
  const newest = await store.read(`SELECT max(_time) FROM spans WHERE ${c.isSpan}`, [], read);
  const [key] = cursor === undefined ? [] : placeOf(cursor, 'newest');
  const latest = BigInt(key ?? (newest.rows[0]?.[0] as bigint | number | null) ?? 0);
  const bounds = [latest, BigInt(Date.now()) * 1_000_000n];
  if (end_time !== undefined) bounds.push(nanosecondsOf(end_time));
  const [from = 0n] = bounds.sort((a, b) => (a < b ? -1 : 1));
  const first = start_time === undefined ? undefined : nanosecondsOf(start_time);
  for (const seconds of WINDOW_SECONDS) {
    const floor = from - BigInt(seconds) * 1_000_000_000n;
    // No shorter than what is asked for.
    if (first !== undefined && floor <= first) return undefined;
    const rows = await list(2 * limit + 1, floor);
    if (rows.length <= limit) continue;
    const ids = rows.map(([traceId]) => traceId);
    const older = await store.read(
      `SELECT DISTINCT ${c.traceId} FROM spans
      WHERE _time >= $1 AND _time < $2 AND ${c.isSpan} AND ${c.traceId} IN (${ids.map((_, index) => `$${index + 3}`).join(', ')})`,
      [first ?? EARLIEST, floor, ...ids],
      read,
    );
    const began = new Set(older.rows.map(([traceId]) => traceId));
    const whole = rows.filter(([traceId]) => !began.has(traceId));
    if (whole.length > limit) return whole;
  }
  return undefined;
}

function listStatement(
  store: SpanStore,
  options: TraceListOptions,
  limit: number,
  floor: bigint | undefined,
): { sql: string; values: unknown[] } {
  const c = spanColumns(store);
  const values: unknown[] = [];
  const bind = (value: unknown) => `$${values.push(value)}`;
  const rows = [c.isSpan, `${c.traceId} IS NOT NULL`];
  if (floor !== undefined) rows.push(`_time >= ${bind(floor)}`);
  rows.push(...rowConditions(store, options, bind));
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
      SELECT trace_id, first AS start, last - first AS duration${errors && ', errors'} FROM (
        SELECT ${c.traceId} AS trace_id,
          min(${c.start}) AS first, ${lastOf(options, c)} AS last${errors}
        FROM spans WHERE ${rows.join(' AND ')}${inMatching} GROUP BY 1
      )
    ) ${where} ORDER BY ${key} DESC, trace_id DESC LIMIT ${bind(limit)}::INTEGER`;
  return { sql, values };
}

/** Of the last trace of a page its start or duration in nanoseconds, and its id. @throws BAD_CURSOR */
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
