import { getHeapStatistics } from 'node:v8';
import fastifyUnderPressure from '@fastify/under-pressure';
import { trace } from '@opentelemetry/api';
import type { FastifyInstance } from 'fastify';
import { problems } from './problems.ts';

/** Mean delay of the event loop past which requests would wait for longer than most callers do. */
const MAX_EVENT_LOOP_DELAY_MS = 1000;
/** The first measurement after the server listens still tells how busy the event loop was with loading the program. */
const MEASURED_AFTER_MS = 2000;
/** Share of V8's heap limit; above it the process spends its time collecting garbage. */
const MAX_HEAP_SHARE = 0.9;
/** Answered under any load: probes decide by these whether the process gets requests, and people look here for faults. */
const ALWAYS_ANSWERED = new Set(['/health/live', '/health/ready', '/metrics']);

/**
 * Refuses requests with 503 while too many others are under way, or while @fastify/under-pressure measures that the event
 * loop or the heap is nearly used up. A longer queue would help nobody: its requests are answered late, or when their
 * callers are gone. A request counts once its body has arrived, so slow senders take nobody's place.
 */
export async function refuseOverload(
  app: FastifyInstance,
  maxOpenRequests = Number.POSITIVE_INFINITY,
): Promise<void> {
  const maxHeapBytes = getHeapStatistics().heap_size_limit * MAX_HEAP_SHARE;
  await app.register(fastifyUnderPressure); // without limits of its own, it measures only
  const refusal = problems.UNDER_PRESSURE(); // once: to make an error is a tenth of what it costs to refuse a request
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
