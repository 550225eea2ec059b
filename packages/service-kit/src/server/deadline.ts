import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import Type from 'typebox';
import type { Problem } from '../problems/problems.ts';
import { problems } from '../problems/problems.ts';

/** Longest time for a request; a caller can set a shorter one. */
const REQUEST_TIMEOUT_MS = 5000;

/** Request header: milliseconds that the caller waits for the answer. Relative, so that clocks need not agree. */
export const REQUEST_TIMEOUT_HEADER = 'x-request-timeout-ms';

const DeadlineHeaders = Type.Object({
  [REQUEST_TIMEOUT_HEADER]: Type.Optional(
    Type.Integer({
      minimum: 1,
      description: 'milliseconds that the caller waits for the answer; 5,000 at most are used',
    }),
  ),
});

/** The end of a request's time. */
export interface Deadline {
  /** Aborted when the time is over, or when the caller is gone. Pass it to everything that the request waits for. */
  readonly signal: AbortSignal;
  millisecondsLeft(): number;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Set for the routes below /api, when their handler runs. */
    deadline: Deadline;
  }
}

/**
 * Gives the handlers of all routes registered from now on a deadline: the earlier one of the caller's and the service's.
 * After the deadline the answer is 504. The header is validated and documented.
 *
 * Fastify's own `handlerTimeout` and `request.signal` would do this, but up to 5.12 they take the end of a POST's body for
 * a caller who is gone (https://github.com/fastify/fastify/pull/6725).
 */
export function endAtDeadline(app: FastifyInstance): void {
  app.decorateRequest('deadline');
  app.addHook('onRoute', (route) => {
    const { handler } = route;
    route.schema = { headers: DeadlineHeaders, ...route.schema };
    route.handler = function untilDeadline(request, reply) {
      return within(request, reply, async () => handler.call(this, request, reply));
    };
    Object.defineProperty(route.handler, 'name', { value: handler.name }); // for operationId and code.function.name
  });
}

/** @throws Problem DEADLINE_EXCEEDED when the time is over first, CALLER_LEFT when the caller is gone; or what `run` throws */
function within<T>(request: FastifyRequest, reply: FastifyReply, run: () => Promise<T>): Promise<T> {
  const asked = Number(request.headers[REQUEST_TIMEOUT_HEADER] ?? REQUEST_TIMEOUT_MS);
  const milliseconds = Math.min(asked, REQUEST_TIMEOUT_MS);
  const end = performance.now() + milliseconds;
  const controller = new AbortController();
  request.deadline = { signal: controller.signal, millisecondsLeft: () => end - performance.now() };
  return new Promise<T>((resolve, reject) => {
    const abort = (problem: Problem) => {
      controller.abort(problem);
      reject(problem);
    };
    const timer = setTimeout(() => abort(problems.DEADLINE_EXCEEDED()), milliseconds);
    const onClose = () => abort(problems.CALLER_LEFT());
    reply.raw.once('close', onClose);
    const leave = () => {
      clearTimeout(timer);
      reply.raw.off('close', onClose);
    };
    run().finally(leave).then(resolve, reject);
  });
}
