import type { Static } from 'typebox';
import { nanosecondsOf } from '../../../lib/time/time-range.ts';
import { traceIdField } from '../../../lib/trace-id.ts';
import { problems } from '../../errors.ts';
import type { Binder } from '../../query/compile/binder.ts';
import { Columns } from '../../query/compile/columns.ts';
import { filterSql } from '../../query/compile/filters.ts';
import type { SavedFields } from '../../query/parse/saved-fields.ts';
import type { SpanStore } from '../../store/store.ts';
import { spanColumns } from '../read/span-columns.ts';
import type { ListQuery } from './schemas.ts';

/** Chooses traces in which one span matches all span conditions, which may name saved calculated fields. */
export type TraceFilter = Omit<Static<typeof ListQuery>, 'order' | 'limit' | 'cursor'> & {
  readonly saved?: SavedFields;
  /** Only these traces. */
  readonly ids?: readonly string[];
};

/** Conditions on single rows, by their trace's id and their time, in SQL over table `spans`. */
export function rowConditions(
  store: SpanStore,
  { trace_id, start_time, end_time, ids }: TraceFilter,
  bind: (value: unknown) => string,
): string[] {
  const { traceId } = spanColumns(store);
  const conditions: string[] = [];
  if (trace_id !== undefined) conditions.push(`starts_with(${traceId}, ${bind(traceIdField(trace_id))})`);
  if (ids !== undefined)
    conditions.push(`${traceId} IN (SELECT unnest(string_split(${bind(ids.join(' '))}, ' ')))`);
  // With a BIGINT DuckDB skips row groups by time; with a DOUBLE it does not.
  if (start_time !== undefined) conditions.push(`_time >= ${bind(nanosecondsOf(start_time))}`);
  if (end_time !== undefined) conditions.push(`_time < ${bind(nanosecondsOf(end_time))}`);
  return conditions;
}

/** Conditions that a single span of the trace must match, in SQL over table `spans`. @throws UNKNOWN_FIELD */
export function spanConditions(
  store: SpanStore,
  options: TraceFilter,
  bind: (value: unknown) => string,
): string[] {
  const c = spanColumns(store);
  const conditions: string[] = [];
  if (options.service !== undefined) conditions.push(`${c.service} = ${bind(options.service)}`);
  if (options.name !== undefined) conditions.push(`${c.name} = ${bind(options.name)}`);
  if (options.errors === true) conditions.push(c.error);
  for (const pair of options.field ?? []) conditions.push(fieldCondition(store, pair, bind, options.saved));
  return conditions;
}

/**
 * A condition `field=value` in SQL, like a query's filter. `field` alone means that the field exists. `a=b=c` may name field
 * `a=b`: the longest prefix that is a field is the name.
 * @throws UNKNOWN_FIELD, or QueryError for an unusable saved field
 */
export function fieldCondition(
  store: Pick<SpanStore, 'fields'>,
  pair: string,
  bind: (value: unknown) => string,
  saved?: SavedFields,
): string {
  const binder: Pick<Binder, 'bind'> = { bind: (value, type) => `${bind(value)}::${type}` };
  const columns = new Columns(store.fields(), [], binder, saved);
  for (let at = pair.lastIndexOf('='); at > 0; at = pair.lastIndexOf('=', at - 1)) {
    const column = pair.slice(0, at);
    const field = columns.find(column);
    if (field === undefined) continue;
    const text = pair.slice(at + 1);
    // Python writes True.
    const value = field.type === 'boolean' ? text.toLowerCase() : text;
    return filterSql({ column, op: '=', value }, field, binder);
  }
  const [name = ''] = pair.split('=', 1);
  const alone = pair.includes('=') ? undefined : columns.find(name);
  if (alone !== undefined) return filterSql({ column: name, op: 'exists' }, alone, binder);
  throw problems.UNKNOWN_FIELD({ detail: describeUnknown(name) });
}

/** The message for an unknown field. */
export function describeUnknown(name: string): string {
  return name === ''
    ? 'Write a condition as field=value, or field alone.'
    : `No stored span or log record has a field named ${JSON.stringify(name.slice(0, 100))}.`;
}

/** Conditions on the whole trace's `duration` in nanoseconds. */
export function durationConditions(options: TraceFilter, bind: (value: unknown) => string): string[] {
  const { min_duration_ms: min, max_duration_ms: max } = options;
  const conditions: string[] = [];
  if (min !== undefined) conditions.push(`duration >= CAST(${bind(min)} AS DOUBLE) * 1e6`);
  if (max !== undefined) conditions.push(`duration <= CAST(${bind(max)} AS DOUBLE) * 1e6`);
  return conditions;
}
