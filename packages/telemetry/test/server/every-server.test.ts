import { channel } from 'node:diagnostics_channel';
import { trace } from '@opentelemetry/api';
import type { FastifyInstance } from 'fastify';
import Fastify from 'fastify';
import type { Test } from 'tap';
import t from 'tap';
import { until } from '../../../../test/helpers/until.ts';
import { codeLocations } from '../../src/server/code-locations.ts';
import { traceEveryServer } from '../../src/server/every-server.ts';
import { fastifyTracing } from '../../src/server/fastify-tracing.ts';
import { createTestTelemetry } from '../../src/testing/index.ts';
import { ENGINE } from '../engines.ts';

const STRANGER = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

/** Makes a server while every server is traced, requests a path, and returns the ended spans. */
async function spansOf(t: Test, path: string, build: (app: FastifyInstance) => void) {
  const telemetry = createTestTelemetry({ engine: ENGINE });
  const stop = traceEveryServer(ENGINE.prepareServer);
  const app = Fastify({ forceCloseConnections: true });
  t.teardown(async () => {
    stop();
    await app.close();
    await telemetry.shutdown();
  });
  build(app);
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  await (await fetch(url + path, { headers: { traceparent: STRANGER } })).text();
  await until(() => telemetry.spans().length > 0);
  return telemetry.spans();
}

t.test('a server without the plugin has a SERVER span, active in the first hook', async (t) => {
  let atOnce: string | undefined;
  const spans = await spansOf(t, '/items/7', (app) => {
    app.addHook('onRequest', async () => {
      atOnce = trace.getActiveSpan()?.spanContext().spanId;
    });
    app.get('/items/:id', async () => 'ok');
  });
  t.match(spans, [{ name: 'GET /items/:id', kind: 1 }]);
  t.equal(spans.length, 1);
  t.equal(spans[0]?.spanContext().spanId, atOnce);
});

t.test('routes of a plugin of its own are traced, and codeLocations finds the span', async (t) => {
  const spans = await spansOf(t, '/nested', (app) => {
    app.register(async (nested) => {
      await nested.register(codeLocations);
      nested.get('/nested', async () => 'ok');
    });
  });
  t.match(spans, [{ name: 'GET /nested', attributes: { 'code.file.path': import.meta.filename } }]);
});

t.test('the plugin registered by hand makes no second span, and its options count', async (t) => {
  const spans = await spansOf(t, '/', (app) => {
    app.register(fastifyTracing, { publicEdge: true });
    app.register(fastifyTracing, { publicEdge: false }); // like a foreign plugin
    app.get('/', async () => 'ok');
  });
  t.match(spans, [{ name: 'GET /', links: [{ context: { spanId: 'b7ad6b7169203331' } }] }]);
  t.equal(spans.length, 1);
});

t.test('the plugin registered by hand in another plugin makes no second span', async (t) => {
  const spans = await spansOf(t, '/in', (app) => {
    app.register(async (nested) => {
      await nested.register(fastifyTracing, { knownMethods: ['POST'] });
      nested.get('/in', async () => 'ok');
    });
  });
  t.match(spans, [{ name: 'HTTP /in' }]);
  t.equal(spans.length, 1);
});

t.test('a server of Fastify 4 is left alone', async (t) => {
  const stop = traceEveryServer();
  t.teardown(stop);
  const fastify = { version: '4.29.1', addHook: () => t.fail('no hook is added') };
  channel('fastify.initialization').publish({ fastify });
});

t.test('a server that is made after the stop is not traced', async (t) => {
  traceEveryServer()();
  t.notOk(Fastify().hasRequestDecorator('opentelemetry'));
});
