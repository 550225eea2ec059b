/**
 * SQL that adds up the time of spans without that of their children, by trace and service: columns `trace_id`, `service`,
 * `self` (nanoseconds), from a table `s` of spans (trace_id, span_id, parent_id, service, start, duration, timed).
 *
 * Children that overlap are counted once, and only while their parent lasts: what a consumer does later takes nothing
 * from its producer. A span that was sent twice counts once. `timed` is false where nobody knows when the span began.
 * Of spans that share an id, children lie in the time of all of them together: each child has one parent, as a faulty
 * sender's thousands of spans with one id would otherwise each have all of its children.
 */
export const SELF_TIMES = `
  spans_once AS (
    SELECT DISTINCT trace_id, span_id, parent_id, service, start, start + duration AS stop FROM s WHERE timed
  ),
  parents AS (
    SELECT trace_id, span_id, min(start) AS start, max(stop) AS stop FROM spans_once GROUP BY trace_id, span_id
  ),
  children AS (
    SELECT p.trace_id, p.span_id, greatest(c.start, p.start) AS since, least(c.stop, p.stop) AS until
    FROM spans_once c JOIN parents p ON c.trace_id = p.trace_id AND c.parent_id = p.span_id
    WHERE c.stop > p.start AND c.start < p.stop AND c.span_id <> p.span_id
  ),
  covered AS (
    SELECT trace_id, span_id, sum(greatest(0, until - greatest(since, covered_until))) AS covered FROM (
      SELECT *, coalesce(max(until) OVER (
        PARTITION BY trace_id, span_id ORDER BY since, until ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
      ), since) AS covered_until FROM children
    ) GROUP BY trace_id, span_id
  ),
  self_times AS (
    SELECT trace_id, service, sum(greatest(0, stop - start - coalesce(covered, 0))) AS self
    FROM spans_once LEFT JOIN covered USING (trace_id, span_id) GROUP BY trace_id, service
  )`;
