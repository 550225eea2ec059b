import { PROBLEM_JSON, Problem, sendProblem } from '@tandem/service-kit/http';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { ClientGoneError } from '../http/client-gone.ts';
import { PLAIN_POLICY, renderNotFound, renderRefusal } from '../http/plain-page.ts';
import { problems } from './errors.ts';
import { isOfStore } from './failures.ts';
import { QueryError } from './query/parse/query-error.ts';

/** The answer of any other status, for the OpenAPI document: a problem. */
const ANY_PROBLEM = {
  description: 'Anything else is a problem (RFC 9457). A browser with a foreign host or origin gets a page.',
  content: {
    [PROBLEM_JSON]: { schema: { $ref: 'ProblemDetails#' } },
    'text/html': { schema: { type: 'string' } },
  },
};

/** Answers an error as problem details (RFC 9457), unless the client has left. */
export function answerProblem(error: FastifyError, request: FastifyRequest, reply: FastifyReply): void {
  if (error instanceof ClientGoneError) {
    request.log.debug({ url: pathOf(request) }, error.message);
    reply.hijack();
    return;
  }
  const problem = error instanceof QueryError ? problemOfQuery(error, request) : problemOf(error);
  if (problem.statusCode === 500 || problem.cause !== undefined)
    request.log.error({ err: problem.cause ?? error }, 'request failed');
  if (isRead(request) && REFUSALS.has(problem.code)) sendRefusal(reply, problem);
  else sendProblem(reply, problem);
}

/** Refusals that a person in a browser meets before the page can say anything, or where there is none of its views. */
const REFUSALS: ReadonlySet<string> = new Set(['HOST_NOT_ALLOWED', 'ORIGIN_NOT_ALLOWED', 'ROUTE_NOT_FOUND']);

/** Whether a person reads the answer in a browser's window, and not a script. */
function isRead({ headers }: FastifyRequest): boolean {
  return /\btext\/html\b/.test(headers.accept ?? '');
}

function sendRefusal(reply: FastifyReply, { code, statusCode, title, detail }: Problem): void {
  const render = code === 'ROUTE_NOT_FOUND' ? renderNotFound : renderRefusal;
  reply
    .code(statusCode)
    .type('text/html; charset=utf-8')
    .header('content-security-policy', PLAIN_POLICY)
    .serializer((page: unknown) => page as string)
    .send(render(title, detail ?? '', reply.request.headers.cookie));
}

/**
 * Answers every error of the app's own routes as problem details. Documents this form for all routes registered from now on
 * that have no error form of their own.
 */
export function answerProblems(app: FastifyInstance): void {
  app.addHook('onRoute', function documentProblems(route) {
    const response = { default: ANY_PROBLEM, ...(route.schema?.response ?? {}) };
    if (route.schema) route.schema = { ...route.schema, response };
  });
  app.setErrorHandler(answerProblem);
  app.setNotFoundHandler(function answerNotFound(request) {
    const path = pathOf(request);
    throw problems.ROUTE_NOT_FOUND({
      detail: isRead(request) ? `There is no page at ${path}.` : `${request.method} ${path} is not a route.`,
    });
  });
}

function problemOf(error: FastifyError): Problem {
  if (error instanceof Problem) return error;
  if (isOfStore(error)) {
    const { answers, message, retryAfterSeconds: seconds } = error;
    const detail = `${message}${answers.advice ?? ''}`;
    return problems[error.code]({ detail, ...(seconds && { headers: { 'retry-after': String(seconds) } }) });
  }
  const status = error.statusCode ?? 500;
  if (status >= 400 && status < 500) {
    return new Problem(
      'MALFORMED_REQUEST',
      { status, title: 'The request cannot be read' },
      { detail: error.message },
    );
  }
  return problems.INTERNAL();
}

/** The mistakes of a query. The query is in the parameters of a GET, and in the body of any other request. */
function problemOfQuery({ status, message, details }: QueryError, { method }: FastifyRequest): Problem {
  const where = method === 'GET' ? 'query' : 'body';
  const errors = details.map(
    ({ field, description }) => ({ in: where, field, detail: description }) as const,
  );
  const inDataset = { in: where, field: 'dataset', detail: message } as const;
  return problems.VALIDATION_FAILED({ errors: status === 422 ? errors : [inDataset] });
}

function pathOf(request: FastifyRequest): string {
  return request.url.split('?', 1)[0]?.slice(0, 200) ?? '';
}
