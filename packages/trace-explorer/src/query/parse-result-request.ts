import { isAbsent, Problems } from './problems.ts';
import { MAX_LIMIT } from './query-spec.ts';

/** Groups of one result without a series, as Honeycomb allows. */
const MAX_LIMIT_WITHOUT_SERIES = 10_000;

const KEYS = {
  query_id: true,
  disable_series: true,
  limit: true,
  disable_total_by_aggregate: true,
  disable_other_by_aggregate: true,
} as const;

/** Reads the body of `POST /1/query_results/:dataset`. Throws QueryError (validation-failed). */
export function parseResultRequest(input: unknown): {
  query_id: string;
  disable_series: boolean;
  limit?: number;
} {
  const problems = new Problems();
  const object = problems.object(input, '', KEYS) ?? {};
  const query_id = problems.string(object.query_id, 'query_id') ?? '';
  const disable_series = flag(object.disable_series, false, 'disable_series', problems);
  const limit = problems.integer(
    object.limit,
    'limit',
    0,
    disable_series ? MAX_LIMIT_WITHOUT_SERIES : MAX_LIMIT,
  );
  for (const key of ['disable_total_by_aggregate', 'disable_other_by_aggregate']) {
    if (flag(object[key], true, key, problems)) continue;
    problems.add(
      key,
      'rows for the total and for all other groups are not supported; leave it out',
      'unsupported',
    );
  }
  problems.check();
  return { query_id, disable_series, ...(limit ? { limit } : {}) };
}

function flag(value: unknown, byDefault: boolean, field: string, problems: Problems): boolean {
  if (isAbsent(value)) return byDefault;
  if (typeof value === 'boolean') return value;
  problems.add(field, 'must be true or false', 'incorrect_type');
  return byDefault;
}
