import { closeSync, openSync, readSync } from 'node:fs';
import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getHeapStatistics } from 'node:v8';
import fastifyUnderPressure from '@fastify/under-pressure';
import { trace } from '@opentelemetry/api';
import { Counter } from '@prometheus-io/client';
import type { FastifyInstance } from 'fastify';
import { PROBLEM_JSON, problemDetails, problems } from '../problems/problems.ts';

const MAX_EVENT_LOOP_DELAY_MS = 1000; // mean; with a longer one, requests wait for longer than most callers do
const MEASURED_AFTER_MS = 2000; // earlier, the program is still loading
const MAX_HEAP_SHARE = 0.9; // of V8's limit; above it the process spends its time collecting garbage
const MAX_WAITING = 100; // connections; one core answers 100 in a tenth of a second
const LET_IN_PER_WAITING = 12; // with 120 waiting, one of ten is let in, so that refusals never take all the time
const TICK_MS = 50; // between two counts of the connections that wait
const COMPLETE_REFUSALS_PER_TICK = 5;
const ALWAYS_ANSWERED = /^\/(?:health\/live|health\/ready|metrics)(?:\?|$)/; // needed most under load

const refused = new Counter({
  name: 'tandem_refused_requests_total',
  help: 'Requests that were answered 503 because of overload, by reason.',
  labelNames: ['reason'] as const,
});

/**
 * Refuses requests with 503 while too many others are under way or wait, or while @fastify/under-pressure finds the event
 * loop or the heap nearly used up. A longer queue would only make answers late. A request counts once its body has arrived,
 * so that slow senders do not count. A refusal with all hooks costs a third of an answer, so only some refusals are traced
 * and logged. The others are answered before any hook.
 */
export function overloadGuard(maxOpenRequests = Number.POSITIVE_INFINITY) {
  const refusal = problems.UNDER_PRESSURE(); // made once: making it takes a tenth of the time of a refusal
  const body = problemDetails(refusal);
  const headers = { ...refusal.headers, 'content-type': PROBLEM_JSON, 'content-length': body.length };
  const reasons = new WeakMap<IncomingMessage, string>();
  const untraced = new WeakSet<object>();
  let isUnderPressure = () => false;
  let open = 0;
  let waiting = 0;
  let tooMany = 0;
  let completeLeft = COMPLETE_REFUSALS_PER_TICK;

  function reasonToRefuse(): string | undefined {
    if (open >= maxOpenRequests) return 'open_requests';
    const isLetIn = waiting < MAX_WAITING || ++tooMany % Math.ceil(waiting / LET_IN_PER_WAITING) === 0;
    if (!isLetIn) return 'waiting_connections';
    return isUnderPressure() ? 'pressure' : undefined;
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
    async register(app: FastifyInstance): Promise<void> {
      await app.register(fastifyUnderPressure, {
        maxEventLoopDelay: MAX_EVENT_LOOP_DELAY_MS,
        maxHeapUsedBytes: getHeapStatistics().heap_size_limit * MAX_HEAP_SHARE,
        pressureHandler: () => {}, // the hook here refuses
      });
      app.addHook('onRequest', function refuse({ raw }, _reply, done) {
        const reason = reasons.get(raw);
        if (reason === undefined) return done();
        trace.getActiveSpan()?.setAttribute('app.shed_reason', reason);
        done(refusal);
      });
      app.addHook('onListen', async () => {
        const from = performance.now() + MEASURED_AFTER_MS;
        isUnderPressure = () => performance.now() > from && app.isUnderPressure();
        app.server.on('connection', () => waiting--);
        const timer = setInterval(() => {
          waiting = connectionsWaiting(app.server);
          completeLeft = COMPLETE_REFUSALS_PER_TICK;
        }, TICK_MS).unref();
        app.server.once('close', () => clearInterval(timer));
      });
    },
  };
}

const table = Buffer.alloc(4096); // listening sockets stand first in the kernel's table

/** Connections that wait in the kernel. Node accepts one per turn of its event loop. Always 0 on systems other than Linux. */
function connectionsWaiting(server: Server): number {
  try {
    const { port, family } = server.address() as AddressInfo;
    const file = openSync(`/proc/self/net/${family === 'IPv6' ? 'tcp6' : 'tcp'}`, 'r');
    const length = readSync(file, table);
    closeSync(file);
    const hex = port.toString(16).toUpperCase().padStart(4, '0'); // of state 0A, LISTEN, rx_queue is the number
    const entry = new RegExp(`:${hex} 0+:0000 0A \\w+:(\\w+) `).exec(table.toString('latin1', 0, length));
    return Number.parseInt(entry?.[1] ?? '0', 16);
  } catch {
    return 0;
  }
}
