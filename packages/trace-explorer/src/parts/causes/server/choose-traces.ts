import { runOf } from '../../../core/runs/read-runs.ts';
import type { ReadOptions, SpanStore } from '../../../core/store/store.ts';
import { isOfDecidingTrace } from '../../../core/tests/read/test-columns.ts';
import { localRootSql } from '../../../core/traces/read/local-roots.ts';
import { spanColumns } from '../../../core/traces/read/span-columns.ts';
import type { TimeInterval } from '../../../lib/time/time-range.ts';

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
  { start, end }: TimeInterval,
  begin: { readonly service?: string | undefined; readonly name?: string | undefined },
  options: ReadOptions,
): Promise<Chosen> {
  const values: unknown[] = [start, end];
  const conditions = (['service', 'name'] as const).map((key) =>
    begin[key] === undefined ? 'true' : `${key} = $${values.push(begin[key])}`,
  );
  // Windows go to disk where memory ends. An aggregate of the first 5,000 would have room for as many of each route from the start.
  const rank = (order: string) => `row_number() OVER (PARTITION BY route ORDER BY ${order})`;
  const extreme = `least(${rank('spans DESC, id DESC')}, ${rank('duration DESC, id DESC')})`;
  const { rows } = await store.read(
    `${begunSql(store)}
    SELECT trace, spans, count(*) OVER (), sum(weight) OVER () FROM (
      SELECT *, ${rank('id')} AS by_chance, ${extreme} AS extreme
      FROM (SELECT *, hash(service, name) AS route, hash(trace) AS id FROM begun WHERE ${conditions.join(' AND ')}))
    ORDER BY least(by_chance, CASE WHEN extreme <= ${EXTREME} THEN extreme END), id LIMIT ${MOST_TRACES}`,
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
        coalesce(${localRootSql(c)}, false) AS entry, ${rate === undefined ? '1' : `coalesce(CAST(${rate} AS DOUBLE), 1)`} AS weight
      FROM spans WHERE _time >= $1 AND _time < $2 AND ${c.isSpan}
        AND ${isOfDecidingTrace(store, runOf(store))})
    GROUP BY 1 HAVING bool_or(entry))`;
}
