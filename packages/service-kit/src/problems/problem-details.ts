import { STATUS_CODES } from 'node:http';
import type { Static } from 'typebox';
import Type from 'typebox';
import type { Problem } from './problem.ts';

/** Media type of RFC 9457. */
export const PROBLEM_JSON = 'application/problem+json';

/** The body of every error response. */
export const ProblemDetails = Type.Object(
  {
    type: Type.String({ description: 'identifies the kind of problem', format: 'uri' }),
    title: Type.String(),
    status: Type.Integer(),
    code: Type.String({ description: 'stable, for programs' }),
    detail: Type.Optional(Type.String()),
    errors: Type.Optional(
      Type.Array(
        Type.Object({
          in: Type.Enum(['path', 'query', 'header', 'body']),
          field: Type.String(),
          detail: Type.String(),
        }),
      ),
    ),
    trace_id: Type.Optional(Type.String({ description: 'finds the request in the traces' })),
  },
  { description: 'RFC 9457 problem details' },
);

/** The problem as a JSON text; `traceId` is the trace that it happened in, where there is one. */
export function problemDetails(problem: Problem, traceId?: string): string {
  const details: Static<typeof ProblemDetails> = {
    type: `urn:tandem:problem:${problem.code.toLowerCase().replaceAll('_', '-')}`,
    title: problem.title,
    status: problem.statusCode,
    code: problem.code,
  };
  if (problem.detail !== undefined) details.detail = problem.detail;
  if (problem.errors !== undefined) details.errors = [...problem.errors];
  if (traceId !== undefined) details.trace_id = traceId;
  return JSON.stringify(details);
}

/** What is answered before there is a request that a route could get. */
const UNREAD_STATUSES = [408, 414, 417, 431] as const;
/** What every request can be answered with, whatever its route does: the parts of HTTP that it may get wrong. */
const HTTP_STATUSES = [400, 405, ...UNREAD_STATUSES, 421, 500] as const;
/** And what every request that is neither a health check nor a scrape: the limits of load. */
const LOAD_STATUSES = [429, 503] as const;

/**
 * Response schemas of a route's errors, for its OpenAPI: those of `statuses`, and those that every route can have.
 *
 * @example
 * { schema: { response: { 200: User, ...problemResponses(404, 504) } } }
 */
export function problemResponses(...statuses: number[]) {
  return unlimitedProblemResponses(...statuses, ...LOAD_STATUSES);
}

/** The same for a route that no limit of load applies to. */
export function unlimitedProblemResponses(...statuses: number[]) {
  return responses([...statuses, ...HTTP_STATUSES]);
}

/** The same for what is answered before there is a request, where a document says the rest by `default`. */
export function unreadProblemResponses() {
  return responses(UNREAD_STATUSES);
}

function responses(statuses: readonly number[]) {
  const content = { [PROBLEM_JSON]: { schema: ProblemDetails } };
  return Object.fromEntries(
    statuses.map((status) => [status, { description: STATUS_CODES[status] ?? 'Problem', content }]),
  );
}
