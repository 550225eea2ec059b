import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { problems } from '../errors.ts';
import type { AllowedMethods } from '../server/allowed-methods.ts';
import type { Problem } from './problem.ts';
import { PROBLEM_JSON, problemDetails } from './problem-details.ts';
import { problemOf } from './problem-of.ts';

/** Told of every error that became a 5xx because nobody foresaw it. */
export type ReportError = (error: Error) => void;

/** Answers an error as problem details and logs what is the service's own fault. */
export function answerError(report: ReportError) {
  return function answerWithProblem(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
    const problem = problemOf(error);
    if (problem.statusCode >= 500) {
      request.log.error({ err: problem.cause ?? problem }, problem.title);
      if (problem.code === 'INTERNAL') report(error instanceof Error ? error : new Error(String(error)));
    }
    sendProblem(reply, problem);
  };
}

/** Sends a problem as the response. */
export function sendProblem(reply: FastifyReply, problem: Problem): void {
  reply
    .code(problem.statusCode)
    .headers(problem.headers)
    .type(PROBLEM_JSON)
    .serializer(asIs)
    .send(problemDetails(problem));
}

/** Sets the answer for URLs without a route: 405 with `Allow` where another method has one, else 404. */
export function setNotFound(app: FastifyInstance, allowed: AllowedMethods): void {
  app.setNotFoundHandler({ preHandler: app.rateLimit() }, function answerNotFound(request, reply) {
    const methods = allowed.of(request.url);
    if (methods.length === 0) throw problems.ROUTE_NOT_FOUND();
    const allow = methods.join(', ');
    if (request.method === 'OPTIONS') {
      reply.code(204).header('allow', allow).send();
      return;
    }
    throw problems.METHOD_NOT_ALLOWED({
      detail: `${request.method} is not one of ${allow}.`,
      headers: { allow },
    });
  });
}

function asIs(payload: unknown): string {
  return payload as string;
}
