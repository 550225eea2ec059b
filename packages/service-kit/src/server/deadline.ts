import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import { problems } from '../problems/problems.ts';

/** Longest time for a request. A caller can ask for a shorter time. */
const REQUEST_TIMEOUT_MS = 5000;

/** Request header: milliseconds that the caller waits for the answer. A duration, because clocks differ. */
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
  /** Aborts when the time is over or the caller is gone. Pass it to everything that the request waits for. */
  readonly signal: AbortSignal;
  millisecondsLeft(): number;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Set by `startDeadline`, below /api. */
    deadline: Deadline;
  }
}

/**
 * Starts a request's deadline when its handler begins: the earlier one of the caller's and the service's. After the
 * deadline the answer is 504. The header is validated and documented.
 *
 * Fastify's own `handlerTimeout` and `request.signal` would do this, but up to 5.12 they take the end of a POST's body for
 * a caller who is gone (https://github.com/fastify/fastify/pull/6725).
 */
export function addDeadlines(app: FastifyInstance): void {
  app.decorateRequest('deadline');
  app.addHook('preHandler', function startDeadline(request, { raw }, done) {
    const asked = Number(request.headers[REQUEST_TIMEOUT_HEADER] ?? REQUEST_TIMEOUT_MS);
    const milliseconds = Math.min(asked, REQUEST_TIMEOUT_MS);
    const end = performance.now() + milliseconds;
    const controller = new AbortController();
    request.deadline = { signal: controller.signal, millisecondsLeft: () => end - performance.now() };
    const timer = setTimeout(() => controller.abort(problems.DEADLINE_EXCEEDED()), milliseconds);
    raw.once('close', () => {
      clearTimeout(timer);
      if (!raw.writableFinished) controller.abort(problems.CALLER_LEFT());
    });
    done();
  });
  app.addHook('onRoute', (route) => {
    const { handler } = route;
    route.schema = { headers: DeadlineHeaders, ...route.schema };
    route.handler = function untilDeadline(request, reply) {
      return Promise.race([handler.call(this, request, reply), rejectOnAbort(request.deadline.signal)]);
    };
    Object.defineProperty(route.handler, 'name', { value: handler.name }); // for operationId and code.function.name
  });
}

/** Rejects with the signal's reason. */
function rejectOnAbort(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
}
