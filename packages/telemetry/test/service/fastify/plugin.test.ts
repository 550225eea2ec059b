import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import type { FastifyInstance } from 'fastify';
import Fastify from 'fastify';
import t from 'tap';
import { until } from '../../../../../test/helpers/until.ts';
import { codeLocations } from '../../../src/features/lines/code-locations.ts';
import { fastifyTracing } from '../../../src/service/fastify/fastify-tracing.ts';
import { createTestTelemetry } from '../../../src/service/testing/index.ts';
import { namesOf } from '../../readable-spans.ts';
import { start } from './harness.ts';

t.test('plugin', async (t) => {
  t.test('a request is a SERVER span with the attributes of the semantic conventions', async (t) => {
    const { url, port, serverSpan } = await start(
      t,
      (app) => void app.get('/items/:id', async () => ({ ok: true })),
    );
    const response = await fetch(`${url}/items/7?limit=2&sig=abc`, { headers: { 'user-agent': 'tester/1' } });
    t.equal(response.status, 200);
    const span = await serverSpan();
    t.equal(span.name, 'GET /items/:id');
    t.same(span.status, { code: 0 });
    t.match(span.attributes['network.peer.port'], Number);
    t.same(
      { ...span.attributes, 'network.peer.port': 0 },
      {
        'http.request.method': 'GET',
        'url.scheme': 'http',
        'url.path': '/items/7',
        'url.query': 'limit=2&sig=REDACTED',
        'http.route': '/items/:id',
        'server.address': '127.0.0.1',
        'server.port': port,
        'client.address': '127.0.0.1',
        'user_agent.original': 'tester/1',
        'network.peer.address': '127.0.0.1',
        'network.peer.port': 0,
        'network.protocol.version': '1.1',
        'http.response.status_code': 200,
      },
    );
  });

  t.test('registered inside a plugin, fastifyTracing leaves routes of other plugins alone', async (t) => {
    const telemetry = createTestTelemetry();
    const app = Fastify({ forceCloseConnections: true });
    t.teardown(async () => {
      await app.close();
      await telemetry.shutdown();
    });
    app.register(async (plugin) => {
      await plugin.register(fastifyTracing);
      plugin.get('/in', async () => 'in');
    });
    app.get('/at-once', (_request, reply) => void reply.send('out'));
    app.get('/later', async () => 'out');
    const url = await app.listen({ host: '127.0.0.1', port: 0 });
    for (const path of ['/at-once', '/later', '/in']) await (await fetch(url + path)).text();
    await until(() => telemetry.spans().some(({ name }) => name === 'GET /in'));
    t.same(namesOf(telemetry.spans()), ['GET /in']);
  });
});

t.test('code locations', async (t) => {
  const REGISTRATION = "    app.get('/located', showLocated);";
  const LINE =
    readFileSync(import.meta.filename, 'utf8')
      .split('\n')
      .indexOf(REGISTRATION) + 1;

  async function showLocated() {
    return 'ok';
  }

  function registerRoute(app: FastifyInstance): void {
    app.get('/located', showLocated);
  }

  t.test('with codeLocations a SERVER span says where its route was registered', async (t) => {
    const { url, serverSpan } = await start(t, async (app) => {
      await app.register(codeLocations);
      registerRoute(app);
    });
    await fetch(`${url}/located`);
    const { attributes } = await serverSpan();
    t.match(attributes, {
      'code.file.path': relative(process.cwd(), import.meta.filename),
      'code.line.number': LINE,
      'code.function.name': 'showLocated',
    });
  });

  t.test('without codeLocations a SERVER span has no code attributes', async (t) => {
    const { url, serverSpan } = await start(t, registerRoute);
    await fetch(`${url}/located`);
    const { attributes } = await serverSpan();
    t.strictSame(
      Object.keys(attributes).filter((name) => name.startsWith('code.')),
      [],
    );
  });
});
