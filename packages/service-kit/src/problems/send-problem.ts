import type { FastifyReply } from 'fastify';
import type { Problem } from './problem.ts';
import { PROBLEM_JSON, problemDetails } from './problem-details.ts';

/** Sends a problem as the response; `traceId` is the trace of the request, where there is one. */
export function sendProblem(reply: FastifyReply, problem: Problem, traceId?: string): void {
  reply
    .code(problem.statusCode)
    .headers(problem.headers)
    .type(PROBLEM_JSON)
    .serializer(asIs)
    .send(problemDetails(problem, traceId));
}

function asIs(payload: unknown): string {
  return payload as string;
}
