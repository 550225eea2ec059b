import { MOST_ROWS } from '../file/documents.ts';
import { NUMBER_OF_KINDS } from './choose.ts';
import type { Table } from './tables.ts';

/** A failed span, also as exporters of before August 2024 wrote it. */
export const IS_ERROR = "StatusCode IN ('Error', 'STATUS_CODE_ERROR')";

/** Nanoseconds before and after a range in which spans of its traces are looked for. */
const AROUND = 300_000_000_000n;
/** Routes in an answer, and routes with a rate of their own: a statement may have 256 KiB. */
const MOST_ROUTES = 10_000;
export const OWN_ROUTES = 1_500;
const MOST_HASH = '18446744073709551615';

/** What a pull asks for: traces whose first span lies in the range, in nanoseconds since the epoch. */
export interface Asked {
  readonly table: Table;
  readonly from: bigint;
  readonly to: bigint;
  /** SQL of a condition that one span of a trace has to match. */
  readonly where?: string | undefined;
  /** Whether a trace of the range has no span without a parent. */
  readonly hasRootless: boolean;
}

/** The bounds and rates by which a trace is chosen, see `choose.ts`. */
export interface Rule {
  /** Milliseconds from which a trace is slow, by the key of its route; or one for all. */
  readonly slow: ReadonlyMap<string, number> | number;
  /** One in how many, by the key of route and class; and of the other routes, by class. */
  readonly rates: ReadonlyMap<string, bigint>;
  readonly others: readonly bigint[];
  readonly most: number;
}

/** A trace by its hash, which also chooses it: half as long to group by as its id. */
const TRACE = 'cityHash64(TraceId)';

/** SQL of the traces without a span that has no parent. */
function rootlessSql({ table, from, to, where }: Asked): string {
  return `SELECT ${TRACE} AS trace FROM ${table.name} WHERE ${withinSql(table, from, to, where)}
    GROUP BY trace HAVING countIf(ParentSpanId = '') = 0`;
}

/** Has a row where such a trace is in the range. */
export function anyRootlessSql(asked: Asked): string {
  return `SELECT 1 FROM (${rootlessSql(asked)}) LIMIT 1`;
}

/**
 * A row per trace: whether a span failed, and of its entry, the topmost span that the table has, the route and how long it took.
 * The entry is of the spans without a parent the first, else of those whose parent is unknown.
 * @param more columns of `entry`
 */
function tracesSql(asked: Asked, more = (_entry: (column: string) => string) => ''): string {
  const { table, from, to, where, hasRootless } = asked;
  const known = `(TraceId, ParentSpanId) GLOBAL IN (SELECT TraceId, SpanId FROM ${table.name}
    WHERE ${withinSql(table, from, to)} AND ${TRACE} GLOBAL IN (${rootlessSql(asked)}))`;
  const rank = `multiIf(ParentSpanId = '', 0, ${hasRootless ? known : '0'}, 2, 1)`;
  const place = `bitShiftLeft(toUInt64(${rank}), 62) + toUInt64(toUnixTimestamp64Nano(Timestamp))`;
  const entry = (column: string) => `argMin(${column}, ${place})`;
  const began = ['>=', '<'].map(
    (op, at) => `min(Timestamp) ${op} fromUnixTimestamp64Nano(toInt64(${at === 0 ? from : to}))`,
  );
  return `SELECT ${TRACE} AS trace, max(${IS_ERROR}) AS failed, ${entry('cityHash64(ServiceName, SpanName)')} AS route,
      ${entry('toUInt64(greatest(0, Duration))')} / 1e6 AS took${more(entry)}
    FROM ${table.name} WHERE ${withinSql(table, from, to, where)} GROUP BY trace HAVING ${began.join(' AND ')}`;
}

/** The spans that may belong to traces of a range, or all spans of those with one that matches. */
function withinSql(table: Table, from: bigint, to: bigint, where?: string): string {
  const within = `${table.within(from - AROUND, to + AROUND)} AND TraceId <> ''`;
  if (where === undefined) return within;
  return `${within} AND ${TRACE} GLOBAL IN (SELECT ${TRACE} FROM ${table.name} WHERE ${within} AND ${where})`;
}

/** Requests, errors, P50, P90 and P99 by the service and name of the entry, each with the number of all traces and spans. */
export function figuresSql(asked: Asked): string {
  const traces = tracesSql(
    asked,
    (entry) => `, ${entry('toString(ServiceName)')} AS service, ${entry('toString(SpanName)')} AS name,
      ${entry(IS_ERROR)} AS error, uniqExact(cityHash64(SpanId)) AS spans`,
  );
  return `SELECT any(service), any(name), toString(route), count(), countIf(error), quantilesExactInclusive(0.5, 0.9, 0.99)(took),
      sum(count()) OVER (), sum(sum(spans)) OVER () FROM (${traces}) GROUP BY route ORDER BY count() DESC, route LIMIT ${MOST_ROUTES}`;
}

/** The number of traces by class, and by route where it is one of the first ones. */
export function classesSql(asked: Asked, { slow }: Pick<Rule, 'slow'>, routes: readonly string[]): string {
  return `SELECT kind, toString(key), count() FROM (SELECT kind, if(route IN (${routes}), cityHash64(route, kind), 0) AS key
    FROM (SELECT route, ${kindSql(slow)} AS kind FROM (${tracesSql(asked)}))) GROUP BY kind, key ORDER BY kind, key`;
}

/** The hashes of the chosen traces, each with its class and its rate. */
export function chosenSql(asked: Asked, { slow, rates, others, most }: Rule): string {
  const own = mapped('cityHash64(route, kind)', rates, 'toUInt64(0)');
  const bound = `intDiv(toUInt64(${MOST_HASH}), rate)`;
  return `SELECT trace, toString(trace), kind, toString(rate) FROM (SELECT trace, kind, ${own} AS listed, if(listed > 0, listed, [${others.map((rate) => `toUInt64(${rate})`)}][kind + 1]) AS rate
      FROM (SELECT trace, route, ${kindSql(slow)} AS kind FROM (${tracesSql(asked)})))
    WHERE rate = 1 OR trace < ${bound} ORDER BY rate > 1, trace / ${bound}, trace LIMIT ${most}`;
}

/** The spans of the chosen traces, whole, trace by trace. A span that the table has twice is one. */
export function spansSql(asked: Asked, rule: Rule): string {
  const { table, from, to } = asked;
  const has = (name: string) => (table.columns.has(name) ? name : "''");
  const each = (of: string) =>
    table.isJson ? `arrayMap(x -> (toJSONString(x), JSONAllPathsWithTypes(x)), ${of})` : of;
  return `SELECT toString(${TRACE}), TraceId, SpanId, ParentSpanId, ${has('TraceState')}, SpanName, SpanKind, ${NANOSECONDS}, toString(Duration),
      StatusCode, StatusMessage, ${has('ScopeName')}, ${has('ScopeVersion')}, ${attributes(table, 'ResourceAttributes')}, ${attributes(table, 'SpanAttributes')},
      arrayMap(x -> toString(toUnixTimestamp64Nano(x)), \`Events.Timestamp\`), \`Events.Name\`, ${each('`Events.Attributes`')},
      \`Links.TraceId\`, \`Links.SpanId\`, \`Links.TraceState\`, ${each('`Links.Attributes`')}
    FROM ${table.name} WHERE ${table.within(from - AROUND, to + AROUND)} AND ${TRACE} GLOBAL IN (SELECT trace FROM (${chosenSql(asked, rule)}))
    ORDER BY TraceId, Timestamp, SpanId LIMIT 1 BY TraceId, SpanId LIMIT ${MOST_ROWS}`;
}

/** The log records of the chosen traces. */
export function logsSql(logs: Table, asked: Asked, rule: Rule): string {
  const has = (name: string, without = "''") => (logs.columns.has(name) ? name : without);
  const scope = logs.columns.has('ScopeAttributes') ? attributes(logs, 'ScopeAttributes') : 'map()';
  return `SELECT toString(${TRACE}), TraceId, SpanId, ${NANOSECONDS}, ${has('TraceFlags', '0')}, SeverityText, SeverityNumber, Body, ${has('EventName')},
      ${has('ResourceSchemaUrl')}, ${has('ScopeSchemaUrl')}, ${has('ScopeName')}, ${has('ScopeVersion')},
      ${attributes(logs, 'ResourceAttributes')}, ${scope}, ${attributes(logs, 'LogAttributes')}
    FROM ${logs.name} WHERE ${logs.within(asked.from - AROUND, asked.to + AROUND)} AND ${TRACE} GLOBAL IN (SELECT trace FROM (${chosenSql(asked, rule)}))
    ORDER BY TraceId, Timestamp LIMIT ${MOST_ROWS}`;
}

/** The names of attributes that match a form, in one trace of so many. */
export function namesSql({ table, from, to }: Asked, form: string, oneIn: number): string {
  const keys = ['ResourceAttributes', 'SpanAttributes'].map((of) =>
    table.isJson ? `JSONAllPaths(${of})` : `mapKeys(${of})`,
  );
  return `SELECT DISTINCT name FROM (SELECT arrayJoin(arrayConcat(${keys.join(', ')})) AS name FROM ${table.name}
    WHERE ${table.within(from, to)} AND ${TRACE} < intDiv(toUInt64(${MOST_HASH}), ${oneIn})) WHERE match(name, ${form}) ORDER BY name LIMIT 100`;
}

/** As text: a number above 2^53 would be rounded, and a text of the time is in the server's time zone. */
const NANOSECONDS = 'toString(toUnixTimestamp64Nano(Timestamp))';

/** A map as it is. A column of type JSON comes as its text and its types: `{"a":1,"a.b":2}` would come with the key `a` twice. */
function attributes({ isJson }: Table, column: string): string {
  return isJson ? `(toJSONString(${column}), JSONAllPathsWithTypes(${column}))` : column;
}

function kindSql(slow: Rule['slow']): string {
  const bound = typeof slow === 'number' ? slow : mapped('route', slow, 'toFloat64(1e18)');
  return `toUInt8(multiIf(failed, 0, took > ${bound}, 1, ${NUMBER_OF_KINDS - 1}))`;
}

/** The value of a key. */
function mapped(key: string, values: ReadonlyMap<string, number | bigint>, otherwise: string): string {
  if (values.size === 0) return otherwise;
  return `transform(${key}, [${[...values.keys()]}], [${[...values.values()]}], ${otherwise})`;
}
