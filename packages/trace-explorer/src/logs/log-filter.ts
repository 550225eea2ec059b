import type { SavedFields } from '../query/parse/saved-fields.ts';
import type { Level } from '../shared/log-levels.ts';
import { LEVEL_NAMES, LEVELS } from '../shared/log-levels.ts';
import { nanosecondsOf } from '../shared/nanoseconds.ts';
import type { SpanStore } from '../store/types.ts';
import { fieldCondition } from '../traces/list/trace-filter.ts';
import { logColumns } from './log-columns.ts';

/** Which log records: those that fit all that is given. */
export interface LogFilter {
  readonly traceId?: string;
  readonly spanId?: string;
  readonly service?: string;
  /** Records of this level and above: by their number or, without one, by the level that their text names. */
  readonly level?: Level;
  /** In the body, the event's name, or the exception that it tells of; case does not matter. */
  readonly text?: string;
  /** `field=value`, each compared as the field's type; `field` alone: it has any value. */
  readonly fields?: readonly string[];
  /** Calculated fields that these can name, too. */
  readonly saved?: SavedFields;
  /** Seconds since the epoch. */
  readonly startTime?: number;
  readonly endTime?: number;
}

/** The filter in SQL over table `spans`, with the condition that a row is a log record. @throws UNKNOWN_FIELD */
export function logConditions(
  store: SpanStore,
  filter: LogFilter,
  bind: (value: unknown) => string,
): string[] {
  const c = logColumns(store);
  const { traceId, spanId, service, level, text, fields = [], startTime, endTime } = filter;
  const conditions = [c.isLog];
  if (startTime !== undefined) conditions.push(`_time >= ${bind(nanosecondsOf(startTime))}`);
  if (endTime !== undefined) conditions.push(`_time < ${bind(nanosecondsOf(endTime))}`);
  if (traceId !== undefined) conditions.push(`${c.traceId} = ${bind(traceId)}`);
  if (spanId !== undefined) conditions.push(`${c.parentId} = ${bind(spanId)}`);
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
  for (const pair of fields) conditions.push(fieldCondition(store, pair, bind, filter.saved));
  return conditions;
}
