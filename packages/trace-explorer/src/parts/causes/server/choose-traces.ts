import type { Nanoseconds } from '../../../core/shared/time-range.ts';
import type { ReadOptions, SpanStore } from '../../../core/store/store.ts';
import { entrySql } from '../../../core/traces/read/entries.ts';
import { spanColumns } from '../../../core/traces/read/span-columns.ts';

/** Most traces to inspect. */
const MOST_TRACES = 5_000;
/** Chosen traces of each route: for their number of spans, as a loop makes a trace larger; and for their duration. */
const EXTREME = 10;

/** A trace to inspect, with its number of spans in the range. */
export interface ChosenTrace {
  readonly id: string;
  readonly spans: number;
}

/** Traces to inspect, in this order; and how many traces there are. */
export interface Chosen {
  readonly traces: readonly ChosenTrace[];
  readonly of: number;
  /** All traces of the range, with sampled traces by their rates. */
  readonly weighted: number;
}

/**
 * Chooses traces that begin in a range: one of each route, then a second one of each. So a frequent route does not hide a rare
 * one. The largest and the slowest traces of a route are among the first, so that thousands do not hide a rare fault. Equal
 * ranges have equal orders.
 * @param begin conditions on the first span
 */
export async function chooseTraces(
  store: SpanStore,
  { start, end }: Nanoseconds,
  begin: { readonly service?: string | undefined; readonly name?: string | undefined },
  options: ReadOptions,
): Promise<Chosen> {
  const values: unknown[] = [start, end];
  const conditions = (['service', 'name'] as const).map((key) =>
    begin[key] === undefined ? 'true' : `${key} = $${values.push(begin[key])}`,
  );
  // DuckDB makes room for as many traces of each route as it is asked for: no more than there are.
  const first = (order: string, count: number) =>
    `max({weight: ${order}, hash: hash(trace), trace: trace, spans: spans}, least(${count}, size))`;
  const orders = [
    first('-(hash(trace) >> 2)::BIGINT', MOST_TRACES),
    first('spans', EXTREME),
    first('duration', EXTREME),
  ];
  const lists = orders.map(
    (_, at) =>
      `SELECT unnest(order_${at}) AS chosen, generate_subscripts(order_${at}, 1) AS rank FROM orders`,
  );
  const { rows } = await store.read(
    `${begunSql(store)},
    wanted AS MATERIALIZED (SELECT * FROM begun WHERE ${conditions.join(' AND ')}),
    routes AS (SELECT service AS route_service, name AS route_name, count(*) AS size FROM wanted GROUP BY ALL),
    orders AS MATERIALIZED (SELECT ${orders.map((sql, at) => `${sql} AS order_${at}`).join(', ')} FROM wanted
      JOIN routes ON service IS NOT DISTINCT FROM route_service AND name IS NOT DISTINCT FROM route_name GROUP BY service, name)
    SELECT chosen.trace, any_value(chosen.spans), (SELECT count(*) FROM wanted), (SELECT sum(weight) FROM wanted)
    FROM (${lists.join(' UNION ALL ')}) GROUP BY 1 ORDER BY min(rank), hash(chosen.trace) LIMIT ${MOST_TRACES}`,
    values,
    options,
  );
  const [any] = rows;
  return {
    traces: rows.map(([id, spans]) => ({ id: String(id), spans: Number(spans) })),
    of: Number(any?.[2] ?? 0),
    weighted: Number(any?.[3] ?? 0),
  };
}

/** The traces that begin in the range ($1, $2) as table `begun`, with their spans in the range, and what their first span says. */
function begunSql(store: SpanStore): string {
  const c = spanColumns(store);
  const rate = store.sampleRate()?.sql;
  return `WITH begun AS (
    SELECT trace, count(*) AS spans, any_value(service) FILTER (entry) AS service, any_value(name) FILTER (entry) AS name,
      max(duration) FILTER (entry) AS duration, max(weight) AS weight
    FROM (SELECT ${c.traceId} AS trace, ${c.service} AS service, ${c.name} AS name, ${c.duration} AS duration,
        coalesce(${entrySql(c)}, false) AS entry, ${rate === undefined ? '1' : `coalesce(CAST(${rate} AS DOUBLE), 1)`} AS weight
      FROM spans WHERE _time >= $1 AND _time < $2 AND ${c.isSpan})
    GROUP BY 1 HAVING bool_or(entry))`;
}
