import { getHeapStatistics } from 'node:v8';
import fastifyUnderPressure from '@fastify/under-pressure';
import type { FastifyInstance } from 'fastify';
import type { LoadShedding } from './load-shedding.ts';
import { isAlwaysAnswered } from './load-shedding.ts';

/** How often the heap is measured. */
const SAMPLE_INTERVAL_MS = 1000;
/** Share of V8's heap limit; above it the process spends its time collecting garbage. */
const MAX_HEAP_SHARE = 0.9;
/** Seconds after which a refused request may come again: the heap is measured several times until then. */
const RETRY_AFTER_SECONDS = 10;

/** Load past which requests are refused with 503 instead of queued. */
export interface PressureLimits {
  readonly maxHeapUsedBytes?: number;
  /** Milliseconds between two measurements. */
  readonly sampleInterval?: number;
}

/**
 * Refuses requests while the heap is nearly full; health checks and metrics are always answered.
 *
 * The same plugin can watch the event loop, but as a mean over a second: by then a second's requests wait already. See
 * `EventLoopWait`.
 */
export async function limitHeap(
  app: FastifyInstance,
  shedding: LoadShedding,
  limits: PressureLimits = {},
): Promise<void> {
  const sampleInterval = limits.sampleInterval ?? SAMPLE_INTERVAL_MS;
  let shedsFrom = Number.POSITIVE_INFINITY;
  app.addHook('onReady', function startShedding(done) {
    // Loading the program takes memory that the first sample after the start still counts.
    shedsFrom = performance.now() + 2 * sampleInterval;
    done();
  });
  await app.register(fastifyUnderPressure, {
    sampleInterval,
    maxHeapUsedBytes: getHeapStatistics().heap_size_limit * MAX_HEAP_SHARE,
    ...limits,
    pressureHandler: (request) => {
      if (performance.now() < shedsFrom || isAlwaysAnswered(request)) return;
      throw shedding.refusal(request, 'heap', 'The memory is nearly used up.', RETRY_AFTER_SECONDS);
    },
  });
}
