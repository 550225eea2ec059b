import { once } from 'node:events';
import { connect, constants } from 'node:http2';
import type { Attributes } from '@opentelemetry/api';
import type { Sampler, SamplingResult } from '@opentelemetry/sdk-trace-base';
import { SamplingDecision } from '@opentelemetry/sdk-trace-base';
import type { FastifyServerOptions } from 'fastify';
import t from 'tap';
import { exchange, start } from './harness.ts';

const FORWARDED =
  'GET / HTTP/1.1\r\nhost: inner:8080\r\nx-forwarded-for: 203.0.113.7\r\nx-forwarded-host: outer.example\r\n' +
  'x-forwarded-proto: https\r\nconnection: close\r\n\r\n';

for (const [trustProxy, expected] of [
  [true, ['203.0.113.7', 'outer.example', 443, 'https']],
  [false, ['127.0.0.1', 'inner', 8080, 'http']],
] as const)
  t.test(
    `forwarded headers count ${trustProxy ? 'when' : 'only when'} Fastify trusts the proxy`,
    async (t) => {
      const { port, serverSpan } = await start(t, undefined, { server: { trustProxy } });
      await exchange(port, FORWARDED);
      const { attributes } = await serverSpan();
      const names = ['client.address', 'server.address', 'server.port', 'url.scheme'];
      t.same(
        names.map((name) => attributes[name]),
        expected,
      );
      t.equal(attributes['network.peer.address'], '127.0.0.1');
    },
  );

t.test('samplers see the attributes that the conventions promise', async (t) => {
  const seen: { name: string; attributes: Attributes }[] = [];
  const sampler: Sampler = {
    shouldSample(_context, _traceId, name, _kind, attributes): SamplingResult {
      seen.push({ name, attributes: { ...attributes } });
      return { decision: SamplingDecision.NOT_RECORD };
    },
    toString: () => 'sees all',
  };
  const { url, port, telemetry } = await start(t, (app) => void app.get('/items/:id', async () => 'ok'), {
    telemetry: { sampler },
  });
  await (await fetch(`${url}/items/1?x=2`, { headers: { 'user-agent': 'tester/1' } })).text();
  t.equal(seen.length, 1);
  t.match(seen, [
    {
      name: 'GET /items/:id',
      attributes: {
        'http.request.method': 'GET',
        'url.scheme': 'http',
        'url.path': '/items/1',
        'url.query': 'x=2',
        'http.route': '/items/:id',
        'server.address': '127.0.0.1',
        'server.port': port,
        'client.address': '127.0.0.1',
        'user_agent.original': 'tester/1',
      },
    },
  ]);
  t.same(telemetry.spans(), []);
});

t.test('HTTP/1.0 without a Host header', async (t) => {
  const { port, serverSpan } = await start(t);
  await exchange(port, 'GET / HTTP/1.0\r\n\r\n');
  const { attributes } = await serverSpan();
  t.equal(attributes['network.protocol.version'], '1.0');
  t.notOk('server.address' in attributes);
});

t.test('HTTP/2', async (t) => {
  const arrived = Promise.withResolvers<void>();
  const { url, port, serverSpans } = await start(
    t,
    (app) => {
      app.post('/', async (request) => request.body);
      app.get('/stuck', () => {
        arrived.resolve();
        return new Promise(() => {});
      });
    },
    { server: { http2: true } as FastifyServerOptions },
  );
  const session = connect(url);
  t.teardown(() => session.close());
  const post = session.request({ ':method': 'POST', ':path': '/?a=1', 'content-type': 'application/json' });
  post.end('{"a":1}').resume();
  await once(post, 'end');
  const stuck = session.request({ ':path': '/stuck' });
  await arrived.promise;
  stuck.close(constants.NGHTTP2_CANCEL);
  const [ok, cut] = await serverSpans(2);
  t.match(ok?.attributes, {
    'network.protocol.version': '2',
    'http.response.status_code': 200,
    'server.address': '127.0.0.1',
    'server.port': port,
    'url.query': 'a=1',
  });
  t.equal(ok?.name, 'POST /');
  t.equal(cut?.attributes['error.type'], 'client_disconnected');
});

t.test('for a rewritten URL, the span has the original path, and the route that answers', async (t) => {
  const { url, serverSpan } = await start(t, (app) => void app.get('/items/:id', async () => 'ok'), {
    server: { rewriteUrl: ({ url = '' }) => url.replace('/old', '/items') },
  });
  await (await fetch(`${url}/old/7?a=1`)).text();
  const { name, attributes } = await serverSpan();
  t.equal(name, 'GET /items/:id');
  t.match(attributes, { 'url.path': '/old/7', 'url.query': 'a=1', 'http.route': '/items/:id' });
});
