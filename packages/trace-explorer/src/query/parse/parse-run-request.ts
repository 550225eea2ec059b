import type { Static } from 'typebox';
import * as Type from 'typebox';
import { Problems } from './problems.ts';
import { MAX_LIMIT } from './query-spec.ts';
import type { Rules } from './read-by-schema.ts';
import { readBySchema } from './read-by-schema.ts';

const onlyTrue = (what: string) =>
  Type.Optional(
    Type.Boolean({ default: true, description: `Only true: a row for ${what} is not supported.` }),
  );

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
    disable_total_by_aggregate: onlyTrue('the total'),
    disable_other_by_aggregate: onlyTrue('all other groups'),
  },
  { additionalProperties: false },
);

type RunRequest = Required<Omit<Static<typeof RunRequest>, 'limit'>> & { limit?: number };

/**
 * Reads the request to run a query that was created.
 * @throws QueryError (validation-failed) that lists every problem
 */
export function parseRunRequest(input: unknown): Pick<RunRequest, 'query_id' | 'disable_series' | 'limit'> {
  const problems = new Problems();
  const request = readBySchema(RunRequest, input, '', problems, rules) as RunRequest;
  problems.check();
  const { query_id, disable_series, limit } = request;
  return { query_id, disable_series, ...(limit ? { limit } : {}) };
}

const rules: Rules = new Map([
  [
    RunRequest,
    {
      check(request: RunRequest, _at: string, problems: Problems) {
        for (const key of ['disable_total_by_aggregate', 'disable_other_by_aggregate'] as const) {
          if (request[key]) continue;
          problems.add(
            key,
            'rows for the total and for all other groups are not supported; leave it out',
            'unsupported',
          );
        }
        return request;
      },
    },
  ],
]);
