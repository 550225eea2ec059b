import type { SpanColumns } from './span-columns.ts';

/**
 * SQL condition on the spans where the traces of a time range ($1, $2) enter what is stored: spans without a parent and, in
 * traces without such a span, the first one whose parent is not stored. Its caller sends `traceparent` and no spans.
 */
export function localRootSql({ traceId, spanId, parentId, isSpan }: SpanColumns): string {
  const trace = `hash(${traceId})`;
  const rootless = `SELECT ${trace} FROM spans WHERE _time >= $1 AND _time < $2 AND ${isSpan} GROUP BY 1 HAVING bool_and(${parentId} IS NOT NULL)`;
  // All stored spans of these traces: a parent may lie before the range.
  return `(${parentId} IS NULL OR _seq IN (
    WITH known AS MATERIALIZED (SELECT ${trace} AS trace, ${spanId} AS id, ${parentId} AS parent, _seq AS seq, _time AS began
      FROM spans WHERE ${isSpan} AND ${trace} IN (${rootless}))
    SELECT arg_min(seq, (parent IS NOT NULL, began, seq)) FROM known ANTI JOIN (SELECT trace, id AS parent FROM known) USING (trace, parent)
    GROUP BY trace HAVING arg_min(began, (parent IS NOT NULL, began, seq)) >= $1 AND arg_min(began, (parent IS NOT NULL, began, seq)) < $2))`;
}
