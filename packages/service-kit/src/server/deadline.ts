import type { FastifyInstance, FastifyRequest } from 'fastify';
import { runWork, Work } from '../database/work.ts';
import { problems } from '../errors.ts';
import { settlesWithin } from '../process/settles-within.ts';
import type { Arrivals } from './arrivals.ts';
import type { LoadShedding } from './load-shedding.ts';
import { isAlwaysAnswered } from './load-shedding.ts';

/** Longest wait that a caller may announce. */
const MAX_TIMEOUT_MS = 60_000;

/**
 * Request header: milliseconds the caller will wait for the answer, from when it sent the request. Relative, so that
 * clocks need not agree.
 */
export const REQUEST_TIMEOUT_HEADER = 'x-request-timeout-ms';

declare module 'fastify' {
  interface FastifyRequest {
    /** Earliest time at which it may have come, on the clock of `performance.now()`. */
    arrival: number;
    /** Time at which the answer becomes useless, on the clock of `performance.now()`. */
    deadline: number;
    /** Ends with the deadline, or when the caller is gone. */
    work: Work;
  }
}

export interface DeadlineOptions {
  readonly shedding: LoadShedding;
  readonly arrivals: Arrivals;
  /** Milliseconds that a request may take where its caller does not say. */
  readonly timeoutMs: number;
}

/**
 * Gives every request a deadline: the caller's, or the service's, whichever is first, counted from its arrival. One whose
 * time was over before we came to it is shed: nothing was done for it yet. No success is sent after it, however late the
 * event loop comes to what was found.
 */
export function readDeadlines(
  app: FastifyInstance,
  { shedding, arrivals, timeoutMs }: DeadlineOptions,
): void {
  app.decorateRequest('arrival', 0);
  app.decorateRequest('deadline', 0);
  app.decorateRequest('work');
  app.addHook('onRequest', function readDeadline(request, reply, done) {
    const asked = request.headers[REQUEST_TIMEOUT_HEADER];
    const allowedMs = asked === undefined ? timeoutMs : Math.min(timeoutMs, parse(asked));
    const waitedMs = arrivals.waitOf(request.raw);
    request.arrival = performance.now() - waitedMs;
    request.deadline = request.arrival + allowedMs;
    const work = new Work(request.deadline);
    request.work = work;
    // Comes after the answer too, when there is nothing left to abandon.
    reply.raw.once('close', () => work.abandon());
    const isLate = waitedMs >= allowedMs && !isAlwaysAnswered(request);
    done(isLate ? shedding.lateRefusal(request) : undefined);
  });
  // A busy event loop comes to a result late, and to the timer that watches over it later still.
  app.addHook('onSend', function refuseLate(request, reply, payload, done) {
    const isLate = reply.statusCode < 400 && request.work.millisecondsLeft <= 0 && !isAlwaysAnswered(request);
    if (isLate) done(problems.DEADLINE_EXCEEDED());
    else done(null, payload);
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
 * Waits for `run` until the request's deadline. When that passes, or the caller is gone, `run` starts no statement of
 * the database any more and commits nothing.
 * @throws Problem DEADLINE_EXCEEDED when the deadline passes first
 */
export async function withinDeadline<T>(request: FastifyRequest, run: () => Promise<T>): Promise<T> {
  const left = request.work.millisecondsLeft;
  if (left <= 0) throw problems.DEADLINE_EXCEEDED();
  const result = runWork(request.work, run);
  if (await settlesWithin(result, left)) return result;
  throw problems.DEADLINE_EXCEEDED();
}
