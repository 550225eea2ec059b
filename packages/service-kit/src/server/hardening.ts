import { getHeapStatistics } from 'node:v8';
import fastifyHelmet from '@fastify/helmet';
import fastifyRateLimit from '@fastify/rate-limit';
import fastifyUnderPressure from '@fastify/under-pressure';
import type { FastifyInstance } from 'fastify';
import { problems } from '../errors.ts';
import { rawResponse } from '../problems/client-error.ts';
import type { Problem } from '../problems/problem.ts';

/** From when on requests are refused with 503 rather than queued. */
export interface PressureLimits {
  readonly maxEventLoopDelay?: number;
  readonly maxHeapUsedBytes?: number;
  /** How often both are measured, in milliseconds. */
  readonly sampleInterval?: number;
}

/** Longest wait for a turn of the event loop, in milliseconds, before load is shed. */
const MAX_EVENT_LOOP_DELAY = 1000;
/** How often both are measured, in milliseconds. */
const SAMPLE_INTERVAL = 1000;
/** Share of V8's heap limit; above it the process spends its time collecting garbage. */
const MAX_HEAP_SHARE = 0.9;

/** Security headers, load shedding, rate limit, and the parts of HTTP that Node itself would answer with an empty page. */
export async function harden(
  app: FastifyInstance,
  options: { readonly rateLimitMax: number; readonly pressure?: PressureLimits },
): Promise<void> {
  await app.register(fastifyHelmet, {
    // The API serves JSON only; the documentation page brings a policy of its own.
    contentSecurityPolicy: {
      useDefaults: false,
      directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
    },
    strictTransportSecurity: false, // plain HTTP: who terminates TLS sets it
  });
  const sampleInterval = options.pressure?.sampleInterval ?? SAMPLE_INTERVAL;
  let shedsFrom = Number.POSITIVE_INFINITY;
  app.addHook('onReady', function startShedding(done) {
    // The first sample after the start counts loading the program as a delay; the one after it does not.
    shedsFrom = performance.now() + 2 * sampleInterval;
    done();
  });
  await app.register(fastifyUnderPressure, {
    sampleInterval,
    maxEventLoopDelay: MAX_EVENT_LOOP_DELAY,
    maxHeapUsedBytes: getHeapStatistics().heap_size_limit * MAX_HEAP_SHARE,
    ...options.pressure,
    pressureHandler: (request) => {
      if (performance.now() < shedsFrom || /^\/(health\/|metrics$)/.test(request.url)) return;
      throw problems.UNDER_PRESSURE();
    },
  });
  await app.register(fastifyRateLimit, {
    max: options.rateLimitMax,
    timeWindow: '1 minute',
    errorResponseBuilder: (_request, { max, after }) =>
      problems.TOO_MANY_REQUESTS({ detail: `At most ${max} requests a minute; try again in ${after}.` }),
  });
  app.addHook('onRequest', function requireHost(request, _reply, done) {
    done(request.raw.httpVersionMinor === 1 && !request.headers.host ? hostMissing() : undefined);
  });
  app.server.on('checkExpectation', (_request, response) => {
    response.socket?.end(rawResponse(expectationFailed()));
  });
  app.server.on('connect', (_request, socket) => {
    socket.end(
      rawResponse(problems.METHOD_NOT_ALLOWED({ detail: 'This is no proxy.', headers: { allow: 'GET' } })),
    );
  });
}

function hostMissing(): Problem {
  return problems.VALIDATION_FAILED({ errors: [{ in: 'header', field: 'host', detail: 'is required' }] });
}

function expectationFailed(): Problem {
  return problems.EXPECTATION_FAILED({
    errors: [{ in: 'header', field: 'expect', detail: 'must be 100-continue' }],
  });
}
