import type { Nanoseconds } from '../../../core/shared/time-range.ts';
import type { ReadOptions, SpanStore } from '../../../core/store/store.ts';
import { entrySql } from '../../../core/traces/read/entries.ts';
import { spanColumns } from '../../../core/traces/read/span-columns.ts';

/** Most traces to look at. */
const MOST_TRACES = 5_000;
/** Chosen traces of each route: for their number of spans, as a loop makes a trace larger; and for their duration. */
const EXTREME = 10;

/** Traces to look at, in this order; and how many traces there are. */
export interface Chosen {
  readonly ids: readonly string[];
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
  const c = spanColumns(store);
  const values: unknown[] = [start, end];
  const conditions = (['service', 'name'] as const).map((key) =>
    begin[key] === undefined ? '' : ` AND ${c[key]} = $${values.push(begin[key])}`,
  );
  const rate = store.sampleRate()?.sql;
  const extreme = (order: string) =>
    `row_number() OVER (PARTITION BY service, name ORDER BY ${order} DESC, hash(trace))`;
  const { rows } = await store.read(
    `SELECT trace, count(*) OVER (), sum(weight) OVER () FROM (
      SELECT trace, weight, row_number() OVER (PARTITION BY service, name ORDER BY hash(trace)) AS by_chance,
        least(${extreme('spans')}, ${extreme('duration')}) AS extreme
      FROM (
        SELECT trace, count(*) AS spans, any_value(service) FILTER (entry) AS service,
          any_value(name) FILTER (entry) AS name, max(duration) FILTER (entry) AS duration, max(weight) AS weight
        FROM (SELECT ${c.traceId} AS trace, ${c.service} AS service, ${c.name} AS name, ${c.duration} AS duration,
            coalesce(${entrySql(c)}${conditions.join('')}, false) AS entry,
            ${rate === undefined ? '1' : `coalesce(CAST(${rate} AS DOUBLE), 1)`} AS weight
          FROM spans WHERE _time >= $1 AND _time < $2 AND ${c.isSpan})
        GROUP BY 1 HAVING bool_or(entry)))
    ORDER BY least(by_chance, CASE WHEN extreme <= ${EXTREME} THEN extreme END), hash(trace) LIMIT ${MOST_TRACES}`,
    values,
    options,
  );
  const [first] = rows;
  return {
    ids: rows.map(([traceId]) => String(traceId)),
    of: Number(first?.[1] ?? 0),
    weighted: Number(first?.[2] ?? 0),
  };
}
