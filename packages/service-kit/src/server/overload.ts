import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { getHeapStatistics } from 'node:v8';
import { trace } from '@opentelemetry/api';
import { Counter } from '@prometheus-io/client';
import type { FastifyInstance } from 'fastify';
import { PROBLEM_JSON, problemDetails, problems } from '../problems/problems.ts';
import { connectionsWaiting } from './waiting-connections.ts';

const NS_PER_MS = 1e6;
const MAX_EVENT_LOOP_DELAY_MS = 1000; // mean; with a longer one, requests wait for longer than most callers do
const MAX_HEAP_SHARE = 0.9; // of V8's limit; above it the process spends its time collecting garbage
const SECOND_MS = 1000; // between two measurements of delay and heap
const MAX_WAITING = 100; // connections; one core answers 100 in a tenth of a second
const LET_IN_OF_WAITING = 12; // of those that wait, so that refusals never take all the time
const TICK_MS = 50; // between two counts of the connections that wait
const COMPLETE_REFUSALS_PER_TICK = 5;
const ALWAYS_ANSWERED = /^\/(?:health\/live|health\/ready|metrics)(?:\?|$)/; // needed most under load

const refused = new Counter({
  name: 'tandem_refused_requests_total',
  help: 'Requests that were answered 503, and connections that were closed, because of overload, by reason.',
  labelNames: ['reason'] as const,
});

/**
 * Refuses requests with 503 while too many others are under way, while too many connections wait, or while the event loop or
 * the heap is nearly used up. A longer queue would only make answers late. A request counts once its body has arrived, so that slow senders do not count.
 * A refusal with all hooks costs a third of an answer, so only some refusals are traced and logged. The others are answered
 * before any hook.
 */
export function overloadGuard(maxOpenRequests = Number.POSITIVE_INFINITY) {
  const refusal = problems.UNDER_PRESSURE(); // made once: making it takes a tenth of the time of a refusal
  const body = problemDetails(refusal);
  const headers = { ...refusal.headers, 'content-type': PROBLEM_JSON, 'content-length': body.length };
  const reasons = new WeakMap<IncomingMessage, string>();
  const untraced = new WeakSet<object>();
  let isUnderPressure = false;
  let open = 0;
  let waiting = 0;
  let sinceLetIn = 0;
  let completeLeft = COMPLETE_REFUSALS_PER_TICK;

  function reasonToRefuse(): string | undefined {
    if (open >= maxOpenRequests) return 'open_requests';
    if (isUnderPressure) return 'pressure';
    if (waiting < MAX_WAITING || ++sinceLetIn >= waiting / LET_IN_OF_WAITING) {
      sinceLetIn = 0;
      return undefined;
    }
    return 'waiting_connections';
  }

  function count(response: ServerResponse): void {
    if (response.closed) return;
    open++;
    response.once('close', () => open--);
  }

  return {
    untraced, // refused before any hook: a span would double the cost of the refusal
    /** Wraps the server's request handler. */
    before(handle: RequestListener): RequestListener {
      return function refuseWhenOverloaded(request, response) {
        if (ALWAYS_ANSWERED.test(request.url ?? '')) return handle(request, response);
        const reason = reasonToRefuse();
        if (reason !== undefined) {
          refused.inc({ reason });
          if (completeLeft-- <= 0) {
            untraced.add(request);
            return response.writeHead(503, headers).end(body);
          }
          reasons.set(request, reason);
        } else if ('content-length' in request.headers || 'transfer-encoding' in request.headers)
          request.once('end', () => count(response));
        else count(response);
        handle(request, response);
      };
    },

    /** Adds the hook for refusals with trace and log, and measures the load while the server listens. */
    register(app: FastifyInstance): void {
      app.addHook('onRequest', function refuse({ raw }, _reply, done) {
        const reason = reasons.get(raw);
        if (reason === undefined) return done();
        trace.getActiveSpan()?.setAttribute('app.shed_reason', reason);
        done(refusal);
      });
      app.addHook('onListen', async () => {
        app.server.on('drop', () => refused.inc({ reason: 'connections' })); // more than connectionLimit()
        const delay = monitorEventLoopDelay();
        delay.enable();
        // @fastify/under-pressure also reads the resident memory. Without a free file descriptor this throws in its timer.
        const pressure = setInterval(() => {
          const { used_heap_size, heap_size_limit } = getHeapStatistics();
          const hasDelay = delay.mean / NS_PER_MS > MAX_EVENT_LOOP_DELAY_MS;
          isUnderPressure = hasDelay || used_heap_size > MAX_HEAP_SHARE * heap_size_limit;
          delay.reset();
        }, SECOND_MS).unref();
        app.server.on('connection', () => waiting--);
        const queue = setInterval(() => {
          waiting = connectionsWaiting(app.server);
          completeLeft = COMPLETE_REFUSALS_PER_TICK;
        }, TICK_MS).unref();
        app.server.once('close', () => {
          clearInterval(pressure);
          clearInterval(queue);
          delay.disable();
        });
      });
    },
  };
}
