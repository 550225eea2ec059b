import { STATUS_CODES } from 'node:http';
import type { FastifyReply } from 'fastify';
import Type from 'typebox';
import type { Problem } from './problems.ts';

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
  const { code, title, statusCode: status, detail, errors } = problem;
  const type = `urn:tandem:problem:${code.toLowerCase().replaceAll('_', '-')}`;
  return JSON.stringify({ type, title, status, code, detail, errors, trace_id: traceId });
}

/** Sends a problem as the response; `traceId` is the trace of the request, where there is one. */
export function sendProblem(reply: FastifyReply, problem: Problem, traceId?: string): void {
  reply
    .code(problem.statusCode)
    .headers(problem.headers)
    .type(PROBLEM_JSON)
    .serializer((payload: unknown) => payload as string)
    .send(problemDetails(problem, traceId));
}

/** Every request can be answered with these, whatever its route does: bad parts of HTTP, and the limits of load. */
const ANY_STATUSES = [400, 421, 429, 500, 503] as const;

/** Response schemas of a route's errors, for its OpenAPI: those of `statuses`, and those that every route can have. */
export function problemResponses(...statuses: number[]) {
  return Object.fromEntries(
    [...statuses, ...ANY_STATUSES].map((status) => [status, problemResponse(status)]),
  );
}

/** The response schema of one status. The app has to know `ProblemDetails`, by `addSchema`. */
export function problemResponse(status: number) {
  const content = { [PROBLEM_JSON]: { schema: { $ref: 'ProblemDetails#' } } };
  return { description: STATUS_CODES[status] ?? 'Problem', content };
}
