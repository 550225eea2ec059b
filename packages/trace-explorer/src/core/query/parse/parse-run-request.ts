import type { Static } from 'typebox';
import * as Type from 'typebox';
import { strictObject } from '../../../lib/strict-object.ts';
import { MAX_LIMIT } from './limits.ts';
import { readBySchema } from './read-by-schema.ts';

/** The body of `POST /1/query_results/:dataset`. */
export const RunRequest = strictObject({
  query_id: Type.String({ minLength: 1 }),
  disable_series: Type.Optional(Type.Boolean({ default: false })),
  limit: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: MAX_LIMIT,
      description: 'Most groups of the result and of its series; by default the limit of the query.',
    }),
  ),
  disable_total_by_aggregate: Type.Optional(
    Type.Boolean({ default: true, description: 'false: the answer also has all groups together.' }),
  ),
  disable_other_by_aggregate: Type.Optional(
    Type.Boolean({
      default: true,
      description: 'false: the answer also has the groups beyond the limit together.',
    }),
  ),
});

type RunRequest = Required<Omit<Static<typeof RunRequest>, 'limit'>> & { limit?: number };

/**
 * Reads a request to run an existing query.
 * @throws QueryError (validation-failed) that lists every problem
 */
export function parseRunRequest(input: unknown): RunRequest {
  return readBySchema(RunRequest, input) as RunRequest;
}
