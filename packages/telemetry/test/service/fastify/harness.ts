import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { Span } from '@opentelemetry/api';
import { context, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import type { ReadableSpan, SpanProcessor } from '@opentelemetry/sdk-trace-base';
import type { FastifyInstance, FastifyServerOptions } from 'fastify';
import fastify from 'fastify';
import type { Test } from 'tap';
import { until } from '../../../../../test/helpers/until.ts';
import type { Engine } from '../../../src/road/spans/engine.ts';
import { fastify as everyServer } from '../../../src/service/fastify/every-server.ts';
import type { FastifyTracingOptions } from '../../../src/service/fastify/fastify-tracing.ts';
import { fastifyTracing } from '../../../src/service/fastify/fastify-tracing.ts';
import type { TestTelemetry, TestTelemetryOptions } from '../../../src/service/testing/index.ts';
import { createTestTelemetry } from '../../../src/service/testing/index.ts';
import { ENGINE } from '../../engines.ts';
import { instrumentationParts } from '../../instrumentation-parts.ts';

/** Knows the open spans, and the spans that ended twice. */
export class OpenSpans implements SpanProcessor {
  readonly open = new Set<Span>();
  ends = 0;
  onStart(span: Span): void {
    this.open.add(span);
  }
  onEnd(span: ReadableSpan): void {
    this.ends++;
    for (const open of this.open) if (open === (span as unknown)) this.open.delete(open);
  }
  async forceFlush(): Promise<void> {}
  async shutdown(): Promise<void> {}
}

export interface Harness {
  readonly app: FastifyInstance;
  readonly telemetry: TestTelemetry;
  readonly openSpans: OpenSpans;
  readonly port: number;
  readonly url: string;
  /** Waits until `count` SERVER spans have ended, and checks that none is open. */
  serverSpans(count?: number): Promise<ReadableSpan[]>;
  /** The only SERVER span. */
  serverSpan(): Promise<ReadableSpan>;
}

export interface HarnessOptions {
  readonly server?: FastifyServerOptions;
  /** Adds hooks before the plugin. */
  readonly before?: (app: FastifyInstance) => unknown;
  /** Options of the plugin; `every server`: the plugin is registered on each server, before anything else. */
  readonly tracing?: FastifyTracingOptions | 'every server';
  readonly telemetry?: TestTelemetryOptions & { readonly engine?: Engine };
}

/** The context in which a server starts, like a service that starts in its own span. */
const BOOT = trace.setSpanContext(ROOT_CONTEXT, {
  traceId: 'b007'.repeat(8),
  spanId: 'b007'.repeat(4),
  traceFlags: 1,
});

/** The only route is `GET /`. */
function answerOk(app: FastifyInstance): void {
  app.get('/', async () => 'ok');
}

/** Starts a traced server on a free port. The end of the test closes the server, and checks that no span is open. */
export async function start(
  t: Test,
  routes: (app: FastifyInstance) => unknown = answerOk,
  options: HarnessOptions = {},
): Promise<Harness> {
  const openSpans = new OpenSpans();
  const engine = options.telemetry?.engine ?? ENGINE;
  const telemetry = createTestTelemetry({ ...options.telemetry, engine, spanProcessors: [openSpans] });
  const stop = options.tracing === 'every server' ? everyServer()(instrumentationParts()) : undefined;
  const app = fastify({ forceCloseConnections: true, ...options.server });
  t.teardown(async () => {
    stop?.();
    await app.close();
    await telemetry.shutdown();
  });
  if (options.tracing !== 'every server') {
    options.before?.(app);
    await app.register(fastifyTracing, options.tracing ?? {});
  }
  await routes(app);
  const url = await context.with(BOOT, () => app.listen({ host: '127.0.0.1', port: 0 }));

  async function serverSpans(count = 1): Promise<ReadableSpan[]> {
    await until(() => serverSpansOf(telemetry).length >= count);
    await until(() => openSpans.open.size === 0);
    const spans = serverSpansOf(telemetry);
    t.equal(spans.length, count, 'each request has one SERVER span');
    t.equal(openSpans.ends, telemetry.spans().length, 'no span ended twice');
    return spans;
  }
  return {
    app,
    telemetry,
    openSpans,
    url,
    port: (app.server.address() as AddressInfo).port,
    serverSpans,
    async serverSpan() {
      const [span] = await serverSpans(1);
      if (span === undefined) throw new Error('there is no SERVER span');
      return span;
    },
  };
}

/** Sends bytes over a new socket, and returns all bytes that the server sends until the server closes. */
export async function exchange(port: number, ...chunks: string[]): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  const closed = once(socket, 'close');
  let received = '';
  socket.setEncoding('latin1').on('data', (data) => {
    received += data;
  });
  for (const [index, chunk] of chunks.entries()) {
    if (index > 0) await delay(20); // so that each chunk is a packet
    socket.write(chunk);
  }
  await closed;
  return received;
}

function serverSpansOf(telemetry: TestTelemetry): ReadableSpan[] {
  return telemetry.spans().filter((span) => span.kind === 1);
}
