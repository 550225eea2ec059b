import type { ServerResponse } from 'node:http';
import type { FastifyReply } from 'fastify';
import Type from 'typebox';

/** One part of a request that was wrong, as listed in a problem's `errors`. */
export interface FieldError {
  /** Part of the request that the field is in. */
  readonly in: 'path' | 'query' | 'header' | 'body';
  /** Name of the parameter, header or property (`handle`, `handle/3`); `''` for the whole body. */
  readonly field: string;
  readonly detail: string;
}

/** An entry of the catalogue of errors. */
export interface ProblemDefinition {
  readonly status: number;
  readonly title: string;
  /** Headers of every response with this problem. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** The details of one occurrence. */
export interface ProblemOccurrence {
  readonly detail?: string;
  readonly errors?: readonly FieldError[];
  readonly headers?: Readonly<Record<string, string>>;
  readonly cause?: unknown;
}

/** An error that is answered as problem details (RFC 9457). The client sees its message, so it must contain no secret. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly code: string;
  readonly statusCode: number;
  readonly title: string;
  readonly detail: string | undefined;
  readonly errors: readonly FieldError[] | undefined;
  readonly headers: Readonly<Record<string, string>>;

  constructor(code: string, definition: ProblemDefinition, occurrence: ProblemOccurrence = {}) {
    super(occurrence.detail ?? definition.title, { cause: occurrence.cause });
    this.code = code;
    this.statusCode = definition.status;
    this.title = definition.title;
    this.detail = occurrence.detail;
    this.errors = occurrence.errors;
    this.headers = { ...definition.headers, ...occurrence.headers };
  }
}

/**
 * Turns a catalogue `{ CODE: definition }` into one function per code. A code that is not in the catalogue does not compile.
 *
 * @example
 * const problems = defineProblems({ USER_NOT_FOUND: { status: 404, title: 'No such user' } });
 * throw problems.USER_NOT_FOUND({ detail: 'Nobody has the handle bayko.' });
 */
export function defineProblems<T extends Record<string, ProblemDefinition>>(
  catalogue: T,
): Readonly<Record<keyof T, (occurrence?: ProblemOccurrence) => Problem>> {
  const entries = Object.entries(catalogue).map(([code, definition]) => [
    code,
    (occurrence?: ProblemOccurrence) => new Problem(code, definition, occurrence),
  ]);
  return Object.freeze(Object.fromEntries(entries));
}

/** The problems of any route. The `errors.ts` of a service adds the service's own problems. */
export const problems = defineProblems({
  VALIDATION_FAILED: { status: 400, title: 'A part of the request is not valid' },
  MALFORMED_JSON: { status: 400, title: 'The body is not valid JSON' },
  MALFORMED_URL: { status: 400, title: 'The URL is not validly percent-encoded UTF-8' },
  UNAUTHORIZED: {
    status: 401,
    title: 'The request needs a token',
    headers: { 'www-authenticate': 'Bearer' },
  },
  ROUTE_NOT_FOUND: { status: 404, title: 'No such route' },
  BODY_TOO_LARGE: { status: 413, title: 'The body is too large' },
  URI_TOO_LONG: { status: 414, title: 'The URL is too long' },
  UNSUPPORTED_MEDIA_TYPE: { status: 415, title: 'The body must be JSON' },
  HOST_NOT_ALLOWED: { status: 421, title: 'The service does not answer for this host' },
  TOO_MANY_REQUESTS: { status: 429, title: 'Too many requests' },
  // Nobody reads this answer. nginx logs the same status.
  CALLER_LEFT: { status: 499, title: 'The caller left before the answer' },
  INTERNAL: { status: 500, title: 'Something went wrong here' },
  UNDER_PRESSURE: { status: 503, title: 'The service is overloaded', headers: { 'retry-after': '1' } },
  NOT_READY: { status: 503, title: 'The service is not ready', headers: { 'retry-after': '5' } },
  DATABASE_UNAVAILABLE: {
    status: 503,
    title: 'The database does not answer',
    headers: { 'retry-after': '5' },
  },
  DEADLINE_EXCEEDED: { status: 504, title: 'The request ran out of time' },
});

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

/** The problem as JSON. @param traceId the request's trace, if it is traced */
export function problemDetails(problem: Problem, traceId?: string): string {
  const { code, title, statusCode: status, detail, errors } = problem;
  const type = `urn:tandem:problem:${code.toLowerCase().replaceAll('_', '-')}`;
  return JSON.stringify({ type, title, status, code, detail, errors, trace_id: traceId });
}

/** Sends a problem as the response. @param traceId the request's trace, if it is traced */
export function sendProblem(reply: FastifyReply, problem: Problem, traceId?: string): void {
  reply
    .code(problem.statusCode)
    .headers(problem.headers)
    .type(PROBLEM_JSON)
    .serializer((payload: unknown) => payload as string)
    .send(problemDetails(problem, traceId));
}

/**
 * Answers with a problem before or without Fastify. The problem is made once, because making it takes a tenth of the time of a
 * refusal.
 */
export function answerWith(
  problem: Problem,
  further: Readonly<Record<string, string>> = {},
): (response: ServerResponse) => void {
  const body = problemDetails(problem);
  const headers = {
    ...problem.headers,
    'content-type': PROBLEM_JSON,
    'content-length': Buffer.byteLength(body),
    ...further,
  };
  return (response) => void response.writeHead(problem.statusCode, headers).end(body);
}

/** The answer of a process that was asked to stop. */
export function shuttingDown(): Problem {
  return problems.NOT_READY({ detail: 'The service is shutting down.' });
}

/** The error statuses of every route: malformed request, unknown host, rate limit, failure, overload. */
const ANY_STATUSES = [400, 421, 429, 500, 503] as const;

/** The schemas of a route's error responses, for OpenAPI: `statuses`, and the statuses of every route. */
export function problemResponses(...statuses: number[]) {
  return Object.fromEntries(
    [...statuses, ...ANY_STATUSES].map((status) => [status, problemResponse(status)]),
  );
}

/** The schema of an error response. The app must have the schema `ProblemDetails`, by `addSchema`. */
export function problemResponse(status: number) {
  const content = { [PROBLEM_JSON]: { schema: { $ref: 'ProblemDetails#' } } };
  return { description: process.getBuiltinModule('node:http').STATUS_CODES[status] ?? 'Problem', content };
}
