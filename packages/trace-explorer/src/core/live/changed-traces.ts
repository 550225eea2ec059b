import type { SpanStore } from '../store/store.ts';
import { fits } from '../traces/list/find-traces.ts';
import type { TraceSummary } from '../traces/list/summaries.ts';
import { readSummaries } from '../traces/list/summaries.ts';
import type { TraceFilter } from '../traces/list/trace-filter.ts';
import { rowConditions, spanConditions } from '../traces/list/trace-filter.ts';
import { spanColumns } from '../traces/read/span-columns.ts';

/** New and changed traces, the newest first. */
export interface ChangedTraces {
  readonly traces: readonly TraceSummary[];
  /** How many further traces changed. */
  readonly more: number;
}

/** An event names at most this many traces, and counts the rest. */
const MAX_TRACES = 100;

/**
 * The traces with rows that arrived after one sequence number and up to another, as far as they match a filter. Undefined for none.
 * @throws UNKNOWN_FIELD when the filter names an unknown field
 */
export async function readChangedTraces(
  store: SpanStore,
  filter: TraceFilter,
  after: number,
  upTo: number,
): Promise<ChangedTraces | undefined> {
  const { traceId, isSpan } = spanColumns(store);
  const values: unknown[] = [after, upTo];
  const bind = (value: unknown) => `$${values.push(value)}`;
  const conditions = [...rowConditions(store, filter, bind), ...spanConditions(store, filter, bind)];
  const fitting =
    conditions.length === 0
      ? ''
      : `WHERE trace_id IN (SELECT ${traceId} FROM spans
        WHERE ${traceId} IN (SELECT trace_id FROM arrived) AND ${[isSpan, ...conditions].join(' AND ')})`;
  const { rows } = await store.read(
    `WITH arrived AS MATERIALIZED (
      SELECT ${traceId} AS trace_id, max(_seq) AS newest FROM spans
      WHERE _seq > $1 AND _seq <= $2 AND ${traceId} IS NOT NULL GROUP BY 1
    )
    SELECT trace_id, count(*) OVER () FROM arrived ${fitting} ORDER BY newest DESC LIMIT ${MAX_TRACES}`,
    values,
    { short: true },
  );
  const found = await readSummaries(
    store,
    rows.map(([id]) => String(id)),
  );
  const traces = found.filter((trace) => fits(trace, filter));
  if (traces.length === 0) return undefined;
  return { traces, more: Number(rows[0]?.[1] ?? 0) - rows.length };
}
