import { activeTraceId } from '@tandem/telemetry';
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

/** The problem as a JSON text, with the trace that it happened in. */
export function problemDetails(problem: Problem): string {
  const details: Static<typeof ProblemDetails> = {
    type: `urn:tandem:problem:${problem.code.toLowerCase().replaceAll('_', '-')}`,
    title: problem.title,
    status: problem.statusCode,
    code: problem.code,
  };
  if (problem.detail !== undefined) details.detail = problem.detail;
  if (problem.errors !== undefined) details.errors = [...problem.errors];
  const traceId = activeTraceId();
  if (traceId !== undefined) details.trace_id = traceId;
  return JSON.stringify(details);
}

/** Response schemas of a route's errors, for its OpenAPI: `...problemResponses(400, 404)`. */
export function problemResponses<S extends number>(...statuses: S[]) {
  const content = { [PROBLEM_JSON]: { schema: ProblemDetails } };
  return Object.fromEntries(
    [...statuses, 429, 500, 503].map((status) => [status, { description: 'Problem', content }]),
  );
}
