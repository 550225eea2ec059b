import { problems } from '../../errors.ts';
import type { Field, SpanStore } from '../../store/types.ts';
import { spanColumns } from '../read/span-columns.ts';

/** Which traces: those with at least one span that fits all of the span conditions. */
export interface TraceFilter {
  /** Beginning of the trace's id, lower-case hex. */
  readonly idPrefix?: string;
  readonly service?: string;
  readonly name?: string;
  /** Only traces with an error (true) or without any (false). */
  readonly errors?: boolean;
  /** Of the whole trace, milliseconds. */
  readonly minDuration?: number;
  readonly maxDuration?: number;
  /** `field=value`, each compared as the field's type. */
  readonly fields?: readonly string[];
  /** Seconds since the epoch; a trace is in the range when a span of it started there. */
  readonly startTime?: number;
  readonly endTime?: number;
}

/** Conditions that one span of the trace must fit, in SQL over table `spans`. @throws UNKNOWN_FIELD */
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
  for (const pair of options.fields ?? []) conditions.push(fieldCondition(store.fields(), pair, bind));
  return conditions;
}

/**
 * A condition `field=value` in SQL. `a=b=c` may be field `a=b`: the longest prefix that is a field wins.
 * @throws UNKNOWN_FIELD
 */
export function fieldCondition(
  fields: ReadonlyMap<string, Field>,
  pair: string,
  bind: (value: unknown) => string,
): string {
  for (let at = pair.lastIndexOf('='); at > 0; at = pair.lastIndexOf('=', at - 1)) {
    const field = fields.get(pair.slice(0, at));
    if (field === undefined) continue;
    const value = bind(pair.slice(at + 1));
    if (field.type === 'string') return `${field.sql} = ${value}`;
    const type = field.type === 'boolean' ? 'BOOLEAN' : 'DOUBLE';
    return `${field.sql} = TRY_CAST(${value} AS ${type})`;
  }
  const detail = pair.includes('=')
    ? `No span has a field named ${JSON.stringify(pair.slice(0, pair.indexOf('=')).slice(0, 100))}.`
    : 'Write a condition as field=value.';
  throw problems.UNKNOWN_FIELD({ detail });
}

/** Conditions on the whole trace's `duration` in nanoseconds. */
export function durationConditions(options: TraceFilter, bind: (value: unknown) => string): string[] {
  const { minDuration, maxDuration } = options;
  const conditions: string[] = [];
  if (minDuration !== undefined) conditions.push(`duration >= CAST(${bind(minDuration)} AS DOUBLE) * 1e6`);
  if (maxDuration !== undefined) conditions.push(`duration <= CAST(${bind(maxDuration)} AS DOUBLE) * 1e6`);
  return conditions;
}
