import type { FastifyInstance, FastifyRequest } from 'fastify';
import { problems } from '../errors.ts';

/**
 * Request header: milliseconds the caller will wait for the answer, from when it sent the request. Relative, so that
 * clocks need not agree.
 */
export const REQUEST_TIMEOUT_HEADER = 'x-request-timeout-ms';

declare module 'fastify' {
  interface FastifyRequest {
    /** When the answer is of no use any more, on the clock of `performance.now()`. */
    deadline: number;
  }
}

const MAX_TIMEOUT_MS = 60_000;

/** Gives every request a deadline: the caller's, or `defaultMs` from its arrival, whichever is first. */
export function readDeadlines(app: FastifyInstance, defaultMs: number): void {
  app.decorateRequest('deadline', 0);
  app.addHook('onRequest', function readDeadline(request, _reply, done) {
    const asked = request.headers[REQUEST_TIMEOUT_HEADER];
    request.deadline =
      performance.now() + (asked === undefined ? defaultMs : Math.min(defaultMs, parse(asked)));
    done();
  });
}

function parse(value: string | string[]): number {
  const milliseconds = typeof value === 'string' && /^\d{1,5}$/.test(value) ? Number(value) : 0;
  if (milliseconds >= 1 && milliseconds <= MAX_TIMEOUT_MS) return milliseconds;
  throw problems.VALIDATION_FAILED({
    errors: [
      {
        in: 'header',
        field: REQUEST_TIMEOUT_HEADER,
        detail: `must be whole milliseconds from 1 to ${MAX_TIMEOUT_MS}`,
      },
    ],
  });
}

/**
 * Waits for `work` until the request's deadline.
 * @throws a DEADLINE_EXCEEDED problem when that passes first; the work itself goes on and its result is dropped
 */
export async function withinDeadline<T>(request: FastifyRequest, work: () => Promise<T>): Promise<T> {
  const left = request.deadline - performance.now();
  if (left <= 0) throw problems.DEADLINE_EXCEEDED();
  let timer: NodeJS.Timeout | undefined;
  const expired = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(problems.DEADLINE_EXCEEDED()), left);
  });
  try {
    return await Promise.race([work(), expired]);
  } finally {
    clearTimeout(timer);
  }
}
