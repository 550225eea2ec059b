import { Problem } from '@tandem/service-kit/problems/problem';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { problems } from './errors.ts';
import { ReadMemoryError, ReadTimeoutError, StoreBusyError, StoreClosedError } from './store/errors.ts';

/** Answers every error of the app's own routes as problem details (RFC 9457). */
export function answerProblems(app: FastifyInstance): void {
  app.setErrorHandler(function answerProblem(error: FastifyError, request, reply) {
    const problem = problemOf(error);
    if (problem.statusCode === 500) request.log.error({ err: error }, 'request failed');
    sendProblem(reply, problem);
  });
  app.setNotFoundHandler(function answerNotFound(request, reply) {
    sendProblem(
      reply,
      problems.ROUTE_NOT_FOUND({ detail: `${request.method} ${pathOf(request)} is not a route.` }),
    );
  });
}

/** Sends a problem as the response. */
export function sendProblem(reply: FastifyReply, problem: Problem): void {
  const { code, title, statusCode, detail, errors, headers } = problem;
  reply.code(statusCode).headers(headers).type('application/problem+json').serializer(JSON.stringify);
  reply.send({
    type: `urn:tandem:problem:${code.toLowerCase().replaceAll('_', '-')}`,
    title,
    status: statusCode,
    code,
    ...(detail !== undefined && { detail }),
    ...(errors !== undefined && { errors }),
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
