import type { FastifyReply, FastifyRequest } from 'fastify';
import { problemOf } from './problem-of.ts';
import { sendProblem } from './send-problem.ts';

/** Told of every error that became a 500 because nobody foresaw it. */
export type ReportError = (error: Error) => void;

interface AnswerOptions {
  readonly report: ReportError;
  /** The trace of the request that is being answered. */
  readonly traceId: () => string | undefined;
}

/** Makes an error handler for Fastify: answers with problem details, and logs what is the service's own fault. */
export function answerError({ report, traceId }: AnswerOptions) {
  return function answerWithProblem(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
    const problem = problemOf(error);
    // Load that is shed has a line now and then: one per request would be more load.
    if (problem.statusCode >= 500 && problem.code !== 'UNDER_PRESSURE') {
      request.log.error({ err: problem.cause ?? problem }, problem.title);
      if (problem.code === 'INTERNAL') report(error instanceof Error ? error : new Error(String(error)));
    }
    sendProblem(reply, problem, traceId());
  };
}
