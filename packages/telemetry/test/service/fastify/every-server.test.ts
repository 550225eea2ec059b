import { channel } from 'node:diagnostics_channel';
import { createRequire } from 'node:module';
import { relative } from 'node:path';
import { trace } from '@opentelemetry/api';
import type { FastifyInstance, FastifyPluginCallback } from 'fastify';
import Fastify from 'fastify';
import type { Test } from 'tap';
import t from 'tap';
import { codeLocations } from '../../../src/features/lines/code-locations.ts';
import { REQUEST_TRACE } from '../../../src/road/logs/log-mixin.ts';
import { fastify as everyServer } from '../../../src/service/fastify/every-server.ts';
import { fastifyTracing } from '../../../src/service/fastify/fastify-tracing.ts';
import { instrumentationParts } from '../../instrumentation-parts.ts';
import { start } from './harness.ts';

const require = createRequire(import.meta.url);
/** Loaded without its types, which declare `request.opentelemetry()` too. */
const {
  FastifyOtelInstrumentation,
}: {
  readonly FastifyOtelInstrumentation: new (options: {
    registerOnInitialization: boolean;
  }) => { plugin(): FastifyPluginCallback; disable(): void };
} = require('@fastify/otel');

const STRANGER = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

/** Makes a server while every server is traced, requests a path, and returns the ended span. */
async function spanOf(t: Test, path: string, build: (app: FastifyInstance) => void) {
  const { url, serverSpan } = await start(t, build, { tracing: 'every server' });
  await (await fetch(url + path, { headers: { traceparent: STRANGER } })).text();
  return serverSpan();
}

t.test('a server without the plugin has a SERVER span, active in the first hook', async (t) => {
  let atOnce: string | undefined;
  const span = await spanOf(t, '/items/7', (app) => {
    app.addHook('onRequest', async () => {
      atOnce = trace.getActiveSpan()?.spanContext().spanId;
    });
    app.get('/items/:id', async () => 'ok');
  });
  t.equal(span.name, 'GET /items/:id');
  t.equal(span.spanContext().spanId, atOnce);
});

t.test('routes of a plugin of its own are traced, and codeLocations finds the span', async (t) => {
  const span = await spanOf(t, '/nested', (app) => {
    app.register(async (nested) => {
      await nested.register(codeLocations);
      nested.get('/nested', async () => 'ok');
    });
  });
  t.match(span, {
    name: 'GET /nested',
    attributes: { 'code.file.path': relative(process.cwd(), import.meta.filename) },
  });
});

t.test('the plugin registered by hand makes no second span, and its options count', async (t) => {
  const span = await spanOf(t, '/', (app) => {
    app.register(fastifyTracing, { publicEdge: true });
    app.register(fastifyTracing, { publicEdge: false }); // like a foreign plugin
    app.get('/', async () => 'ok');
  });
  t.match(span, { name: 'GET /', links: [{ context: { spanId: 'b7ad6b7169203331' } }] });
});

t.test('the plugin registered by hand in another plugin makes no second span', async (t) => {
  const span = await spanOf(t, '/in', (app) => {
    app.register(async (nested) => {
      await nested.register(fastifyTracing, { publicEdge: true });
      nested.get('/in', async () => 'ok');
    });
  });
  t.match(span, { name: 'GET /in', links: [{ context: { spanId: 'b7ad6b7169203331' } }] });
});

for (const isByHand of [true, false])
  t.test(`responses ${isByHand ? '' : 'do not '}name their trace, by hand: ${isByHand}`, async (t) => {
    const { url, serverSpans } = await start(
      t,
      (app) => {
        if (isByHand) app.register(fastifyTracing);
        app.get('/api/items', async () => 'ok');
      },
      { tracing: 'every server' },
    );
    for (const path of ['/api/items', '/api/nowhere']) {
      const { headers } = await fetch(url + path);
      t.equal(headers.has('traceresponse'), isByHand, path);
      t.equal(headers.has('server-timing'), isByHand, path);
    }
    await serverSpans(2);
  });

t.test('a server of Fastify 4 is left alone', async (t) => {
  const stop = everyServer()(instrumentationParts());
  t.teardown(() => stop?.());
  const fastify = { version: '4.29.1', addHook: () => t.fail('no hook is added') };
  channel('fastify.initialization').publish({ fastify });
});

t.test('a server that is made after the stop is not traced', async (t) => {
  everyServer()(instrumentationParts())?.();
  t.notOk(Fastify().hasRequestDecorator(REQUEST_TRACE));
});

t.test('an app with @fastify/otel starts, in each order, and keeps its own decorator', async (t) => {
  for (const registerOnInitialization of [true, false])
    for (const isFirst of [true, false]) {
      const stop = isFirst ? undefined : everyServer()(instrumentationParts());
      const instrumentation = new FastifyOtelInstrumentation({ registerOnInitialization });
      const stopLater = isFirst ? everyServer()(instrumentationParts()) : undefined;
      const app = Fastify();
      if (!registerOnInitialization) await app.register(instrumentation.plugin());
      await app.register(fastifyTracing, { publicEdge: true }); // by hand, which finds the name taken
      app.get('/', async (request) => 'instrumented' in request.opentelemetry());
      const { body } = await app.inject('/');
      t.equal(body, 'true', 'the decorator of @fastify/otel');
      t.ok(app.hasRequestDecorator(REQUEST_TRACE), 'telemetry traces the server');
      await app.close();
      for (const end of [stop, stopLater, () => instrumentation.disable()]) end?.();
    }
});

t.test('the public decorator is there where the plugin is registered by hand only', async (t) => {
  const stop = everyServer()(instrumentationParts());
  t.teardown(() => stop?.());
  const app = Fastify();
  t.notOk(app.hasRequestDecorator('opentelemetry'));
  await app.register(fastifyTracing);
  t.ok(app.hasRequestDecorator('opentelemetry'));
});
