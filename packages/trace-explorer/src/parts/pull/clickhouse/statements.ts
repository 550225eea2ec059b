import type { Table } from './tables.ts';

/** Spans of a pull, and log records. */
export const MOST_ROWS = 1_000_000;
/** A failed span, also as exporters of before August 2024 wrote it. */
export const IS_ERROR = "StatusCode IN ('Error', 'STATUS_CODE_ERROR')";

/** Nanoseconds before and after a range in which spans of its traces are looked for. */
const AROUND = 300_000_000_000n;
/** Routes with figures, a bound and a rate of their own: a statement may have 256 KiB. */
const MOST_ROUTES = 1_500;
const LONGEST_NAME = 150;
/** Traces in which names of attributes are looked for, and the names that are taken. */
const LOOKED_AT = 5_000;
const MOST_NAMES = 10_000;
const MOST_HASH = '18446744073709551615';

/** What a pull asks for: traces whose first span lies in the range, in nanoseconds since the epoch. */
export interface WantedTraces {
  readonly table: Table;
  readonly from: bigint;
  readonly to: bigint;
  /** A condition that one span of a trace has to match, and what such traces are called: `traces that touch checkout`. */
  readonly where?: { readonly sql: string; readonly words: string } | undefined;
  /** Whether a trace of the range has no span without a parent. */
  readonly hasRootless: boolean;
}

/** The bounds and rates by which a trace is chosen, see `choose.ts`. */
export interface Rule {
  /** Milliseconds from which a trace is slow, by its route, and of all other routes, which have one rate. */
  readonly slow: ReadonlyMap<string, number>;
  readonly othersSlow: number;
  /** One in how many, by the key of route and class; all where there is none. */
  readonly rates: ReadonlyMap<string, bigint>;
  readonly most: number;
}

/** A trace by its hash, which also chooses it: half as long to group by as its id. */
const TRACE = 'cityHash64(TraceId)';

/** SQL of the traces without a span that has no parent. */
function rootlessSql({ table, from, to, where }: WantedTraces): string {
  return `SELECT ${TRACE} AS trace FROM ${table.name} WHERE ${withinSql(table, from, to, where)}
    GROUP BY trace HAVING countIf(ParentSpanId = '') = 0`;
}

/** Has a row where such a trace is in the range. */
export function anyRootlessSql(asked: WantedTraces): string {
  return `SELECT 1 FROM (${rootlessSql(asked)}) LIMIT 1`;
}

/**
 * A row per trace: whether a span failed, and of its entry, the topmost span that the table has, the route and how long it took.
 * The entry is of the spans without a parent the first, else of those whose parent is unknown.
 * @param more columns of `entry`
 */
function tracesSql(asked: WantedTraces, more = (_entry: (column: string) => string) => ''): string {
  const { table, from, to, where, hasRootless } = asked;
  const known = `(TraceId, ParentSpanId) GLOBAL IN (SELECT TraceId, SpanId FROM ${table.name}
    WHERE ${withinSql(table, from, to)} AND ${TRACE} GLOBAL IN (${rootlessSql(asked)}))`;
  const rank = `multiIf(ParentSpanId = '', 0, ${hasRootless ? known : '0'}, 2, 1)`;
  const place = `bitShiftLeft(toUInt64(${rank}), 62) + toUInt64(toUnixTimestamp64Nano(Timestamp))`;
  const entry = (column: string) => `argMin(${column}, ${place})`;
  const at = (time: bigint) => `fromUnixTimestamp64Nano(toInt64(${time}))`;
  return `SELECT ${TRACE} AS trace, max(${IS_ERROR}) AS failed, ${entry('cityHash64(ServiceName, SpanName)')} AS route,
      ${entry('toUInt64(greatest(0, Duration))')} / 1e6 AS took${more(entry)}
    FROM ${table.name} WHERE ${withinSql(table, from, to, where)} GROUP BY trace
    HAVING min(Timestamp) >= ${at(from)} AND min(Timestamp) < ${at(to)}`;
}

/** The spans that may belong to traces of a range, or all spans of those with one that matches. */
function withinSql(table: Table, from: bigint, to: bigint, where?: WantedTraces['where']): string {
  const within = `${table.within(from - AROUND, to + AROUND)} AND TraceId <> ''`;
  if (where === undefined) return within;
  return `${within} AND ${TRACE} GLOBAL IN (SELECT ${TRACE} FROM ${table.name} WHERE ${within} AND ${where.sql})`;
}

/**
 * Requests, errors, P50, P90 and P99 by the service and name of the entry, of the ones with most requests, each with the number of
 * all traces, spans and routes.
 */
export function figuresSql(asked: WantedTraces): string {
  const traces = tracesSql(
    asked,
    (entry) => `, ${entry(`substringUTF8(ServiceName, 1, ${LONGEST_NAME})`)} AS service,
      ${entry(`substringUTF8(SpanName, 1, ${LONGEST_NAME})`)} AS name,
      ${entry(IS_ERROR)} AS error, uniqExact(cityHash64(SpanId)) AS spans`,
  );
  return `SELECT any(service), any(name), toString(route), count(), countIf(error), quantilesExactInclusive(0.5, 0.9, 0.99)(took),
      sum(count()) OVER (), sum(sum(spans)) OVER (), count() OVER () FROM (${traces}) GROUP BY route ORDER BY count() DESC, route LIMIT ${MOST_ROUTES}`;
}

type Bounds = Pick<Rule, 'slow' | 'othersSlow'>;

/** A row per trace, with its class, and the key of its class and route. */
function classedSql(asked: WantedTraces, { slow, othersSlow }: Bounds): string {
  const bound = mapped('route', slow, `toFloat64(${othersSlow})`);
  return `SELECT trace, toUInt8(multiIf(failed, 0, took > ${bound}, 1, 2)) AS kind,
      cityHash64(if(route IN (${[...slow.keys()]}), route, 0), kind) AS key FROM (${tracesSql(asked)})`;
}

/** The number of traces by class and route. */
export function classesSql(asked: WantedTraces, bounds: Bounds): string {
  return `SELECT kind, toString(key), count() FROM (${classedSql(asked, bounds)}) GROUP BY kind, key ORDER BY kind, key`;
}

/** The hashes of the chosen traces, each with its class and its rate. */
export function chosenSql(asked: WantedTraces, rule: Rule): string {
  const bound = `intDiv(toUInt64(${MOST_HASH}), rate)`;
  return `SELECT trace, toString(trace), kind, toString(rate) FROM
      (SELECT trace, kind, ${mapped('key', rule.rates, 'toUInt64(1)')} AS rate FROM (${classedSql(asked, rule)}))
    WHERE rate = 1 OR trace < ${bound} ORDER BY rate > 1, trace / ${bound}, trace LIMIT ${rule.most}`;
}

/** The spans of the chosen traces, whole, trace by trace. A span that the table has twice is one. */
export function spansSql(asked: WantedTraces, rule: Rule): string {
  return rowsSql(asked.table, asked, rule, 'ORDER BY TraceId, Timestamp, SpanId LIMIT 1 BY TraceId, SpanId');
}

/** The log records of the chosen traces. */
export function logsSql(logs: Table, asked: WantedTraces, rule: Rule): string {
  return rowsSql(logs, asked, rule, 'ORDER BY TraceId, Timestamp');
}

/** Rows with the hash of their trace, and all columns. */
function rowsSql({ name, columns, within }: Table, asked: WantedTraces, rule: Rule, order: string): string {
  return `SELECT toString(${TRACE}), ${[...columns.values()].join(', ')} FROM ${name}
    WHERE ${within(asked.from - AROUND, asked.to + AROUND)} AND ${TRACE} GLOBAL IN (SELECT trace FROM (${chosenSql(asked, rule)}))
    ${order} LIMIT ${MOST_ROWS + 1}`;
}

/** The names of attributes in some of the traces. */
export function namesSql({ table, from, to }: WantedTraces, traces: number): string {
  const keys = ['ResourceAttributes', 'SpanAttributes'].map((of) =>
    table.isJson ? `JSONAllPaths(${of})` : `mapKeys(${of})`,
  );
  return `SELECT DISTINCT arrayJoin(arrayConcat(${keys.join(', ')})) AS name FROM ${table.name}
    WHERE ${table.within(from, to)} AND ${TRACE} < intDiv(toUInt64(${MOST_HASH}), ${Math.ceil(traces / LOOKED_AT)}) ORDER BY name LIMIT ${MOST_NAMES}`;
}

/** The value of a key. */
function mapped(key: string, values: ReadonlyMap<string, number | bigint>, otherwise: string): string {
  if (values.size === 0) return otherwise;
  return `transform(${key}, [${[...values.keys()]}], [${[...values.values()]}], ${otherwise})`;
}
