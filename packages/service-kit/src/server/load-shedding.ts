import type { FastifyRequest } from 'fastify';
import { problems } from '../errors.ts';
import type { Problem } from '../problems/problem.ts';

/** Milliseconds between two lines in the log. */
const LOG_INTERVAL_MS = 10_000;
/** Answered whatever the load: who asks decides whether this process is sent requests, and what is wrong with it. */
const ALWAYS_ANSWERED = new Set(['/health/live', '/health/ready', '/metrics']);

/** Why a request was not let in. */
export type ShedReason = 'open_requests' | 'deadline' | 'heap';

/** Whether no load keeps the request from being answered. */
export function isAlwaysAnswered({ routeOptions }: FastifyRequest): boolean {
  return routeOptions.url !== undefined && ALWAYS_ANSWERED.has(routeOptions.url);
}

/** Refuses requests because of load, and keeps account of it. */
export class LoadShedding {
  /** Requests that were refused so far, by reason. */
  readonly counts: ReadonlyMap<ShedReason, number>;
  readonly #counts = new Map<ShedReason, number>([
    ['open_requests', 0],
    ['deadline', 0],
    ['heap', 0],
  ]);
  readonly #onShed: (reason: ShedReason) => void;
  readonly #refused = new WeakSet<FastifyRequest>();
  #untold = 0;
  #toldAt = Number.NEGATIVE_INFINITY;

  /** @param onShed called while the request is being refused */
  constructor(onShed: (reason: ShedReason) => void) {
    this.counts = this.#counts;
    this.#onShed = onShed;
  }

  /** Whether the request was not let in. */
  hasRefused(request: FastifyRequest): boolean {
    return this.#refused.has(request);
  }

  /**
   * The problem that a request which is not let in is answered with; counted, and logged now and then.
   * @param detail what there is too much of
   */
  refusal(request: FastifyRequest, reason: ShedReason, detail: string, retryAfterSeconds: number): Problem {
    this.#counts.set(reason, (this.#counts.get(reason) ?? 0) + 1);
    this.#refused.add(request);
    this.#onShed(reason);
    this.#untold++;
    const now = performance.now();
    if (now - this.#toldAt >= LOG_INTERVAL_MS) {
      request.log.warn({ reason, requests: this.#untold }, 'load is shed');
      this.#untold = 0;
      this.#toldAt = now;
    }
    return withoutStack(() =>
      problems.UNDER_PRESSURE({ detail, headers: { 'retry-after': String(retryAfterSeconds) } }),
    );
  }

  /** The same for a request that had too little of its time left before anything was done for it. */
  lateRefusal(request: FastifyRequest): Problem {
    return this.refusal(request, 'deadline', 'Too much of its time was over before it could begin.', 1);
  }
}

/** Makes an error whose stack nobody needs: taking and printing it is a tenth of what it costs to refuse a request. */
function withoutStack<T extends Error>(make: () => T): T {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return make();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}
