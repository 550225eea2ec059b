import type { Static } from 'typebox';
import { LEVEL_NAMES, LEVELS } from '../../lib/text/log-levels.ts';
import { nanosecondsOf } from '../../lib/time/time-range.ts';
import { traceIdField } from '../../lib/trace-id.ts';
import { notCounted } from '../fields/pulled.ts';
import type { SavedFields } from '../query/parse/saved-fields.ts';
import type { SpanStore } from '../store/store.ts';
import { fieldCondition } from '../traces/list/trace-filter.ts';
import { logColumns } from './log-columns.ts';
import type { FilterQuery } from './schemas.ts';

/** Matches log records that fulfil all given conditions; with the calculated fields that `field` can name. */
export type LogFilter = Static<typeof FilterQuery> & { readonly saved?: SavedFields };

/** The filter in SQL over table `spans`, with the condition that a row is a log record. @throws UNKNOWN_FIELD */
export function logConditions(
  store: SpanStore,
  filter: LogFilter,
  bind: (value: unknown) => string,
): string[] {
  const c = logColumns(store);
  const { trace_id, span_id, service, level, text, field = [], start_time, end_time } = filter;
  const conditions = [c.isLog, notCounted(store.fields()) ?? 'true'];
  if (start_time !== undefined) conditions.push(`_time >= ${bind(nanosecondsOf(start_time))}`);
  if (end_time !== undefined) conditions.push(`_time < ${bind(nanosecondsOf(end_time))}`);
  if (trace_id !== undefined) conditions.push(`${c.traceId} = ${bind(traceIdField(trace_id))}`);
  if (span_id !== undefined) conditions.push(`${c.parentId} = ${bind(span_id.toLowerCase())}`);
  if (service !== undefined) conditions.push(`${c.service} = ${bind(service)}`);
  if (level !== undefined) {
    const names = LEVEL_NAMES.slice(LEVEL_NAMES.indexOf(level)).map((name) => `'${name}'`);
    const named = `(coalesce(${c.severityCode}, 0) = 0 AND ${c.severity} IN (${names.join(', ')}))`;
    conditions.push(`(${c.severityCode} >= ${LEVELS[level]} OR ${named})`);
  }
  if (text !== undefined) {
    const wanted = bind(text.toLowerCase());
    const has = (said: string) => `contains(lower(${said}), ${wanted})`;
    conditions.push(`(${has(c.body)} OR ${has(c.eventName)} OR (${c.hasException} AND ${has(c.exception)}))`);
  }
  for (const pair of field) conditions.push(fieldCondition(store, pair, bind, filter.saved));
  return conditions;
}
