import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { getHeapStatistics } from 'node:v8';
import { trace } from '@opentelemetry/api';
import { Counter } from '@prometheus-io/client';
import { onResponseClosed } from '@tandem/telemetry/response-closed';
import type { FastifyInstance } from 'fastify';
import fastifyPlugin from 'fastify-plugin';
import { answerWith, problems } from '../problems/problems.ts';
import { connectionsWaiting } from './waiting-connections.ts';

const NS_PER_MS = 1e6;
const MAX_EVENT_LOOP_DELAY_MS = 1000; // mean; with a longer delay, requests wait for longer than most callers do
const MAX_HEAP_SHARE = 0.9; // of V8's limit; above it the process spends its time collecting garbage
const SECOND_MS = 1000; // between two measurements of delay and heap
const MAX_WAITING = 100; // connections; one core answers 100 in a tenth of a second
const LET_IN_OF_WAITING = 12; // of the waiting connections, so that refusals never take all the time
const TICK_MS = 50; // between two counts of the waiting connections
const COMPLETE_REFUSALS_PER_TICK = 5;
/** Operators and orchestrators need these answers most under load. */
const ALWAYS_ANSWERED = /^\/(?:health\/live|health\/ready|metrics)(?:\?|$)/;

const refused = new Counter({
  name: 'tandem_refused_requests_total',
  help: 'Requests answered 503 and connections closed because of overload, by reason.',
  labelNames: ['reason'] as const,
});

interface OverloadOptions {
  /** Requests under way at a time. */
  readonly maxOpenRequests?: number | undefined;
}

/**
 * Fastify plugin that refuses requests with 503 while too many others are under way, while too many connections wait, or
 * while the event loop or the heap is nearly used up. A longer queue would only make answers late. A request counts once its
 * body has arrived, so that slow senders do not count.
 *
 * A refusal with all hooks costs a third of an answer. So only some refusals have a span and a line in the log. The others
 * are answered before Fastify sees the request: the plugin stands in front of the listeners that the server has.
 */
export const overloadGuard = fastifyPlugin(guard, { name: 'overload-guard' });

function guard(app: FastifyInstance, { maxOpenRequests }: OverloadOptions, done: () => void): void {
  const load = measureLoad(app, maxOpenRequests ?? Number.POSITIVE_INFINITY);
  const refusal = problems.UNDER_PRESSURE();
  const refuse = answerWith(refusal);
  const reasons = new WeakMap<IncomingMessage, string>();

  const listeners = app.server.listeners('request') as RequestListener[];
  app.server.removeAllListeners('request');
  app.server.on('request', function refuseWhenOverloaded(request: IncomingMessage, response: ServerResponse) {
    if (!ALWAYS_ANSWERED.test(request.url ?? '')) {
      const reason = load.reasonToRefuse();
      if (reason === undefined) load.count(request, response);
      else {
        refused.inc({ reason });
        if (!load.takeCompleteRefusal()) return refuse(response);
        reasons.set(request, reason);
      }
    }
    for (const listener of listeners) listener(request, response);
  });
  app.addHook('onRequest', function refuseCompletely({ raw }, _reply, next) {
    const reason = reasons.get(raw);
    if (reason === undefined) return next();
    trace.getActiveSpan()?.setAttribute('app.shed_reason', reason);
    next(refusal);
  });
  done();
}

/** Measures the load of a server while it listens. */
function measureLoad(app: FastifyInstance, maxOpenRequests: number) {
  let isUnderPressure = false;
  let open = 0; // requests
  let waiting = 0; // connections
  let sinceLetIn = 0; // requests, while connections wait
  let completeRefusals = COMPLETE_REFUSALS_PER_TICK;

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
      completeRefusals = COMPLETE_REFUSALS_PER_TICK;
    }, TICK_MS).unref();
    app.server.once('close', () => {
      clearInterval(pressure);
      clearInterval(queue);
      delay.disable();
    });
  });

  return {
    reasonToRefuse(): string | undefined {
      if (open >= maxOpenRequests) return 'open_requests';
      if (isUnderPressure) return 'pressure';
      if (waiting < MAX_WAITING || ++sinceLetIn >= waiting / LET_IN_OF_WAITING) {
        sinceLetIn = 0;
        return undefined;
      }
      return 'waiting_connections';
    },
    /** True for the few refusals of each tick that have a span and a line. */
    takeCompleteRefusal: () => completeRefusals-- > 0,
    /** Counts a request as open from the arrival of its body to the end of its answer. */
    count(request: IncomingMessage, response: ServerResponse): void {
      const begin = () => {
        if (response.closed) return;
        open++;
        onResponseClosed(request, response, () => open--);
      };
      if ('content-length' in request.headers || 'transfer-encoding' in request.headers)
        request.once('end', begin);
      else begin();
    },
  };
}
