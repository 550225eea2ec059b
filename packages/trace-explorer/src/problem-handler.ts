import { Problem, sendProblem } from '@tandem/service-kit';
import type { FastifyError, FastifyInstance, FastifyRequest } from 'fastify';
import { problems } from './errors.ts';
import { ReadMemoryError, ReadTimeoutError, StoreBusyError, StoreClosedError } from './store/errors.ts';

/** Answers every error of the app's own routes as problem details (RFC 9457). */
export function answerProblems(app: FastifyInstance): void {
  app.setErrorHandler(function answerProblem(error: FastifyError, request, reply) {
    const problem = problemOf(error);
    if (problem.statusCode === 500 || problem.cause !== undefined)
      request.log.error({ err: problem.cause ?? error }, 'request failed');
    sendProblem(reply, problem);
  });
  app.setNotFoundHandler(function answerNotFound(request, reply) {
    sendProblem(
      reply,
      problems.ROUTE_NOT_FOUND({ detail: `${request.method} ${pathOf(request)} is not a route.` }),
    );
  });
}

function problemOf(error: FastifyError): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof ReadTimeoutError) return problems.QUERY_TIMEOUT({ detail: error.message });
  if (error instanceof ReadMemoryError) return problems.QUERY_TOO_LARGE({ detail: error.message });
  if (error instanceof StoreClosedError) return problems.STORE_CLOSED();
  if (error instanceof StoreBusyError) {
    return problems.STORE_BUSY({ headers: { 'retry-after': String(error.retryAfterSeconds) } });
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

function pathOf(request: FastifyRequest): string {
  return request.url.split('?', 1)[0]?.slice(0, 200) ?? '';
}
