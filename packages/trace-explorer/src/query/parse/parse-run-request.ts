import type { Static } from 'typebox';
import * as Type from 'typebox';
import { Problems } from './problems.ts';
import { MAX_LIMIT } from './query-spec.ts';
import type { Rules } from './read-by-schema.ts';
import { readBySchema } from './read-by-schema.ts';

/** The body of `POST /1/query_results/:dataset`. */
export const RunRequest = Type.Object(
  {
    query_id: Type.String({ minLength: 1 }),
    disable_series: Type.Optional(Type.Boolean({ default: false })),
    limit: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: MAX_LIMIT,
        description: 'Groups of the result, and of its series; 0: as the query says.',
      }),
    ),
    disable_total_by_aggregate: Type.Optional(
      Type.Boolean({ default: true, description: 'false: all groups together are answered as well.' }),
    ),
    disable_other_by_aggregate: Type.Optional(
      Type.Boolean({
        default: true,
        description: 'Only true: a row for all other groups is not supported.',
      }),
    ),
  },
  { additionalProperties: false },
);

type RunRequest = Required<Omit<Static<typeof RunRequest>, 'limit'>> & { limit?: number };

/**
 * Reads the request to run a query that was created.
 * @throws QueryError (validation-failed) that lists every problem
 */
export function parseRunRequest(input: unknown): Omit<RunRequest, 'disable_other_by_aggregate'> {
  const problems = new Problems();
  const request = readBySchema(RunRequest, input, '', problems, rules) as RunRequest;
  problems.check();
  const { query_id, disable_series, disable_total_by_aggregate, limit } = request;
  return { query_id, disable_series, disable_total_by_aggregate, ...(limit ? { limit } : {}) };
}

const rules: Rules = new Map([
  [
    RunRequest,
    {
      check(request: RunRequest, _at: string, problems: Problems) {
        if (!request.disable_other_by_aggregate) {
          problems.add(
            'disable_other_by_aggregate',
            'a row for all other groups is not supported; leave it out',
            'unsupported',
          );
        }
        return request;
      },
    },
  ],
]);
