import type { QuerySpec } from '../parse/query-spec.ts';
import { DEFAULT_TIME_RANGE } from '../parse/query-spec.ts';

/** A specification as Honeycomb's API gives it back: its id, what was asked, and the defaults that apply. */
export function describeQuery(id: string, spec: QuerySpec): Record<string, unknown> {
  const { filter_combination, time_range, start_time, end_time, saved: _, ...rest } = spec;
  const filled = Object.entries(rest).filter(([, value]) => !Array.isArray(value) || value.length > 0);
  const range =
    start_time === undefined || end_time === undefined ? (time_range ?? DEFAULT_TIME_RANGE) : undefined;
  return {
    id,
    ...Object.fromEntries(filled),
    ...(filter_combination === 'OR' ? { filter_combination } : {}),
    ...(range === undefined ? {} : { time_range: range }),
    ...(start_time === undefined ? {} : { start_time }),
    ...(end_time === undefined ? {} : { end_time }),
  };
}
