import { ERROR } from '../../../../core/problems/problem-key.ts';
import { runOf } from '../../../../core/runs/read-runs.ts';
import { text } from '../../../../core/store/read/named-columns.ts';
import type { SpanStore } from '../../../../core/store/store.ts';
import { decides } from '../../../../core/tests/read/test-columns.ts';
import { LEAST_OF_WORK_NS, MIN_SLOW_CALL_NS } from '../../../../core/traces/findings/slow-call.ts';
import { POOL_WAIT } from '../../../../core/traces/findings/waits/connections.ts';
import { originsSql } from '../../../../core/traces/model/error-origins.ts';
import { calledHostSql, cutSql, messageShapeSql } from '../../../../core/traces/model/shapes.ts';
import { NAMES } from '../../../../core/traces/read/meanings.ts';
import { spanColumns } from '../../../../core/traces/read/span-columns.ts';
import type { SpansInRange } from '../../../../core/traces/read/spans-in-range.ts';

/** The rules whose spans SQL finds, and counts over all spans of a range. */
export type PlaceRule = typeof ERROR | 'slow-call';

/** Whether SQL finds the spans of a rule. */
export function isPlaceRule(rule: string): rule is PlaceRule {
  return rule === ERROR || rule === 'slow-call';
}

/** The parts of a key in table `keyed`. */
export const KEY = {
  service: text('service'),
  name: text('name'),
  kind: text('kind'),
  type: text('type'),
  message: text('message'),
  target: text('target'),
  shape: text('shape'),
};
export const KEY_COLUMNS = Object.keys(KEY).join(', ');

/** Reads from table `keyed`: where errors began, or slow calls that no span answers and a service's own slow work. */
export function readKeyed(
  store: SpanStore,
  spans: SpansInRange,
  rule: PlaceRule,
  select: string,
  more: readonly unknown[] = [],
) {
  return rule === ERROR
    ? spans.readThrown(`${errorsKeyed(store, spans)}${select}`, hasError(store), more)
    : spans.readMore(`${slowKeyed(store, spans)}${select}`, slowCondition(store), more);
}

/** Where errors began, with the parts of their keys. */
function errorsKeyed(store: SpanStore, spans: SpansInRange): string {
  const { tool, above } = toolSql(store, spans);
  return `${originsSql(answersOf(store, spans))}, keyed AS (SELECT ${cutSql('service')} AS service, ${cutSql("coalesce(name, '')")} AS name, kind,
    coalesce(${cutSql('problem')}, '') AS type, coalesce(CASE WHEN is_said THEN ${messageShapeSql('message')} ELSE status END, '') AS message,
    ${cutSql(`coalesce(${tool}, '')`)} AS target, '' AS shape, CASE WHEN is_said THEN ${cutSql('message')} END AS said,
    trace, weight, time, duration, seq, user, version FROM origins ${above})`;
}

/** Slow calls that no span answers and a service's own slow work, with the parts of their keys. */
function slowKeyed(store: SpanStore, spans: SpansInRange): string {
  const { tool, above } = toolSql(store, spans);
  const host = `nullif(${calledHostSql('target')}, '')`;
  return `, slow AS MATERIALIZED (SELECT * FROM s),
  answered AS (SELECT parent AS id FROM ${answersOf(store, spans)} WHERE parent IN (SELECT id FROM slow)),
  keyed AS (SELECT ${cutSql('service')} AS service, ${cutSql("coalesce(name, '')")} AS name, kind,
    coalesce(${cutSql('problem')}, '') AS type, '' AS message, ${cutSql(`coalesce(${host}, ${tool}, '')`)} AS target,
    ${cutSql("coalesce(shape, '')")} AS shape, NULL::VARCHAR AS said,
    trace, weight, time, duration, seq, user, version FROM slow ANTI JOIN answered USING (id) ${above})`;
}

/** The spans that answer calls. */
function answersOf(store: SpanStore, spans: SpansInRange): string {
  const { kind, parentId } = spanColumns(store);
  return spans.matching(`${kind} = 'server' AND ${parentId} IS NOT NULL`);
}

/** The tool of an agent that a span's name does not say. It may stand at the span above alone, as `toolOf` says. */
function toolSql(store: SpanStore, spans: SpansInRange): { readonly tool: string; readonly above: string } {
  if (!NAMES.tool.some(spans.hasField)) return { tool: 'NULL', above: '' };
  const named = spans.matching(`${spanColumns(store).tool} IS NOT NULL`);
  const tool = `coalesce(tool, CASE WHEN starts_with(name, above || '.') THEN used END)`;
  return {
    tool: `CASE WHEN NOT contains(coalesce(name, ''), ${tool}) THEN ${tool} END`,
    above: `LEFT JOIN (SELECT id AS up, any_value(name) AS above, any_value(tool) AS used FROM ${named} GROUP BY 1) ON up = parent`,
  };
}

/** The condition of failed spans, which reads one column: most have no such field. Of a test that ran again the last attempt counts. */
export function hasError(store: SpanStore): string {
  return `${store.fields().get('error')?.sql ?? 'NULL'} IS NOT NULL AND ${decides(store, runOf(store))}`;
}

/** The spans of a slow call's operation, as a condition on rows. */
function slowCondition(store: SpanStore): string {
  const { duration, kind, error, name, parentId, stalled, hasStatement, waiting } = spanColumns(store);
  // Where a process stood still, or a call waited for a connection, the call itself took less.
  const own = `${duration} - 1e6 * (coalesce(${stalled}, 0) + coalesce(${waiting}, 0))`;
  const isSlow = `${own} >= CASE WHEN ${kind} = 'internal' THEN ${LEAST_OF_WORK_NS} ELSE ${MIN_SLOW_CALL_NS} END`;
  return `${duration} >= ${MIN_SLOW_CALL_NS} AND ${isSlow} AND ${kind} IN ('client', 'internal', 'unspecified') AND NOT ${error} AND ${parentId} IS NOT NULL AND ${decides(store, runOf(store))}
    AND (${hasStatement} OR NOT regexp_matches(coalesce(${name}, ''), '${POOL_WAIT}', 'i'))`;
}
