import { getHeapStatistics } from 'node:v8';
import fastifyUnderPressure from '@fastify/under-pressure';
import { trace } from '@opentelemetry/api';
import type { FastifyInstance } from 'fastify';
import { problems } from './problems.ts';

/** Mean delay of the event loop past which requests would wait for longer than most callers do. */
const MAX_EVENT_LOOP_DELAY_MS = 1000;
/** Earlier measurements of the event loop still contain the loading of the program. */
const MEASURED_AFTER_MS = 2000;
/** Share of V8's heap limit; above it the process spends its time collecting garbage. */
const MAX_HEAP_SHARE = 0.9;
/** Answered under any load: probes and people need these routes most under load. */
const ALWAYS_ANSWERED = new Set(['/health/live', '/health/ready', '/metrics']);

/**
 * Refuses requests with 503 while too many others are under way, or while @fastify/under-pressure measures that the event
 * loop or the heap is nearly used up. A longer queue would only make answers late. A request counts from the arrival of
 * its body, so slow senders take no place.
 */
export async function refuseOverload(
  app: FastifyInstance,
  maxOpenRequests = Number.POSITIVE_INFINITY,
): Promise<void> {
  const maxHeapBytes = getHeapStatistics().heap_size_limit * MAX_HEAP_SHARE;
  await app.register(fastifyUnderPressure); // without limits of its own, it measures only
  const refusal = problems.UNDER_PRESSURE(); // made once: making it takes a tenth of the time of a refusal
  let open = 0;
  let measuredFrom = Number.POSITIVE_INFINITY;
  app.addHook('onListen', async () => {
    measuredFrom = performance.now() + MEASURED_AFTER_MS;
  });
  const reasonToRefuse = () => {
    if (open >= maxOpenRequests) return 'open_requests';
    const { eventLoopDelay, heapUsed } = app.memoryUsage();
    if (performance.now() > measuredFrom && eventLoopDelay > MAX_EVENT_LOOP_DELAY_MS) return 'event_loop';
    return heapUsed > maxHeapBytes ? 'heap' : undefined;
  };

  app.addHook('onRequest', function refuseWhenOverloaded({ raw, routeOptions }, reply, done) {
    if (routeOptions.url !== undefined && ALWAYS_ANSWERED.has(routeOptions.url)) return done();
    const reason = reasonToRefuse();
    if (reason !== undefined) {
      trace.getActiveSpan()?.setAttribute('app.shed_reason', reason);
      return done(refusal);
    }
    const count = () => {
      if (reply.raw.closed) return;
      open++;
      reply.raw.once('close', () => open--);
    };
    const hasBody = 'content-length' in raw.headers || 'transfer-encoding' in raw.headers;
    if (hasBody) raw.once('end', count);
    else count();
    done();
  });
}
