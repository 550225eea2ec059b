import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { Agent, createServer, get, request } from 'node:http';
import { createServer as createTlsServer, get as getSecurely } from 'node:https';
import type { AddressInfo } from 'node:net';
import { connect } from 'node:net';
import { setTimeout as delay, setImmediate as turn } from 'node:timers/promises';
import type { ProxyTracerProvider } from '@opentelemetry/api';
import { context, propagation, SpanKind, trace } from '@opentelemetry/api';
import Fastify from 'fastify';
import type { Test } from 'tap';
import t from 'tap';
import { assertConventions } from '../../../../../test/helpers/conventions/assert-conventions.ts';
import { until } from '../../../../../test/helpers/until.ts';
import { leaveToHost } from '../../../src/beside/leave-to-host.ts';
import { withSpan } from '../../../src/common/with-span.ts';
import { traceHttpClients } from '../../../src/guest/node/http-client.ts';
import { traceHttpServers } from '../../../src/guest/node/http-server.ts';
import { processContext } from '../../../src/process/context.ts';
import { fastify } from '../../../src/service/fastify/every-server.ts';
import { createTestTelemetry } from '../../../src/service/testing/test-telemetry.ts';
import { ENGINE } from '../../engines.ts';
import { instrumentationParts } from '../../instrumentation-parts.ts';
import { namesOf } from '../../readable-spans.ts';
import { serve } from '../../serve.ts';
import { exchange, OpenSpans } from '../../service/fastify/harness.ts';

const CALLER = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', traceFlags: 1 };
const traceparentOf = ({ traceId, spanId } = CALLER) => `00-${traceId}-${spanId}-01`;

const silent = { debug() {}, info() {}, warn() {}, error() {} };

/** Traces servers until the test ends. */
function startTracing(t: Test) {
  const openSpans = new OpenSpans();
  const telemetry = createTestTelemetry({ engine: ENGINE, spanProcessors: [openSpans] });
  const provider = (trace.getTracerProvider() as ProxyTracerProvider).getDelegate();
  leaveToHost(provider, silent, {});
  const stop = traceHttpServers();
  t.teardown(async () => {
    stop();
    await telemetry.shutdown();
  });
  /** Waits until no span is open, and returns the spans. */
  async function spans(count: number) {
    await until(() => openSpans.ends >= count && openSpans.open.size === 0);
    return telemetry.spans();
  }
  return { spans, openSpans };
}

const start = async (t: Test, listener: RequestListener) => ({
  ...startTracing(t),
  port: await serve(t, createServer(listener)),
});

async function answer(port: number, path: string, headers = {}): Promise<IncomingMessage> {
  const [response] = await once(get({ port, path, headers, host: '127.0.0.1' }), 'response');
  response.resume();
  await once(response, 'end');
  return response;
}

t.test('a request is a SERVER span of its caller, named by its method, never by its path', async (t) => {
  const { port, spans } = await start(t, (_, response) => {
    response.end(trace.getActiveSpan()?.spanContext().spanId);
  });
  await answer(port, '/users/7?sig=secret&page=2', { traceparent: traceparentOf(), 'user-agent': 'tester' });
  const [span, ...more] = await spans(1);
  t.same(more, []);
  t.match(span, {
    name: 'GET',
    kind: SpanKind.SERVER,
    status: { code: 0 },
    parentSpanContext: { traceId: CALLER.traceId, spanId: CALLER.spanId },
  });
  t.match(span?.attributes, {
    'http.request.method': 'GET',
    'http.response.status_code': 200,
    'url.scheme': 'http',
    'url.path': '/users/7',
    'url.query': 'sig=REDACTED&page=2',
    'server.address': '127.0.0.1',
    'server.port': port,
    'client.address': '127.0.0.1',
    'user_agent.original': 'tester',
    'network.protocol.version': '1.1',
  });
  t.notOk('http.route' in (span?.attributes ?? {}));
  assertConventions([span].flatMap((each) => each ?? []));
});

t.test('a server and a client of https are traced like those of http', async (t) => {
  const { spans } = startTracing(t);
  t.teardown(traceHttpClients());
  const pem = (name: string) =>
    readFileSync(new URL(`../../fixtures/self-signed.${name}.pem`, import.meta.url));
  const tls = { key: pem('key'), cert: pem('cert') };
  const server = createTlsServer(tls, (_, response) => {
    response.end(trace.getActiveSpan()?.spanContext().spanId);
  });
  const port = await serve(t, server);
  const ask = (path: string, ca?: Buffer) => getSecurely({ port, path, host: 'localhost', family: 4, ca });
  const [response] = await once(ask('/users/7', tls.cert), 'response');
  t.equal(String(await response.toArray()), (await spans(2))[0]?.spanContext().spanId);
  const [error] = await once(ask('/refused'), 'error');
  const [served, asked, refused] = await spans(3);
  const common = { 'url.scheme': 'https', 'server.address': 'localhost', 'server.port': port };
  t.match(served, { kind: SpanKind.SERVER, parentSpanContext: { spanId: asked?.spanContext().spanId } });
  t.match(served?.attributes, { ...common, 'url.path': '/users/7' });
  t.match(asked?.attributes, { ...common, 'url.full': `https://localhost:${port}/users/7` });
  t.match(refused, { kind: SpanKind.CLIENT, attributes: { 'error.type': error.code } });
});

t.test(
  'a thousand interleaved requests with bodies in pieces over kept connections have their own context everywhere',
  async (t) => {
    const REQUESTS = 1_000;
    const wrong: string[] = [];
    const reads = new Map<string, number>();
    const { port, spans } = await start(t, async (request, response) => {
      const id = String(request.headers['x-id']);
      const look = (where: string) => {
        reads.set(where, (reads.get(where) ?? 0) + 1);
        if (trace.getActiveSpan()?.spanContext().traceId !== id) wrong.push(`${where} of ${id}`);
      };
      look('handler');
      request.on('data', () => look('data'));
      response.on('finish', () => look('finish')).on('close', () => look('close'));
      let length = 0;
      request.on('readable', () => look('readable'));
      for await (const piece of request) {
        look('piece');
        length += piece.length;
      }
      setTimeout(
        () => {
          look('timer');
          withSpan('work', { id }, () => response.end(String(length)));
        },
        Number.parseInt(id.slice(-1), 16),
      );
    });
    const agent = new Agent({ keepAlive: true, maxSockets: 20 });
    t.teardown(() => agent.destroy());
    const idOf = (index: number) => (index + 1).toString(16).padStart(32, '0');
    const post = async (index: number) => {
      const traceparent = traceparentOf({ ...CALLER, traceId: idOf(index) });
      const sent = request({
        agent,
        port,
        host: '127.0.0.1',
        method: 'POST',
        headers: { traceparent, 'x-id': idOf(index) },
      });
      for (const piece of ['a', 'bc', 'def']) {
        sent.write(piece);
        await turn();
      }
      sent.end();
      const [response] = await once(sent, 'response');
      t.equal(String(await response.toArray()), '6');
    };
    await Promise.all(Array.from({ length: REQUESTS }, (_, index) => post(index)));
    const all = await spans(2 * REQUESTS);
    t.same(wrong.slice(0, 3), [], `${wrong.length} wrong`);
    for (const where of ['handler', 'data', 'readable', 'piece', 'timer', 'finish', 'close'])
      t.ok((reads.get(where) ?? 0) >= REQUESTS, where);
    const servers = new Map(
      all.filter(({ name }) => name === 'POST').map((span) => [span.spanContext().spanId, span]),
    );
    const work = all.filter(({ name }) => name === 'work');
    t.equal(servers.size, REQUESTS);
    t.equal(work.length, REQUESTS);
    for (const span of work) {
      const parent = servers.get(span.parentSpanContext?.spanId ?? '');
      if (parent?.spanContext().traceId !== span.attributes.id) t.fail(`work of ${span.attributes.id}`);
    }
  },
);

t.test('pipelined requests have their own context, also while one waits for the other', async (t) => {
  const seen: string[] = [];
  const { port, spans } = await start(t, async ({ url }, response) => {
    if (url === '/slow') await new Promise((resolve) => setTimeout(resolve, 20));
    seen.push(`${url} ${Reflect.get(Object(trace.getActiveSpan()), 'attributes')['url.path']}`);
    response.end('ok');
  });
  await exchange(
    port,
    'GET /slow HTTP/1.1\r\nhost: a\r\n\r\nGET /fast HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n',
  );
  t.same(seen.toSorted(), ['/fast /fast', '/slow /slow']);
  t.equal((await spans(2)).length, 2);
});

t.test('the span of a hijacked, and of an aborted response ends', async (t) => {
  const { port, spans } = await start(t, ({ url, socket }, response) => {
    if (url === '/hijacked') socket.end('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n');
    if (url === '/cut') response.writeHead(200, { 'content-length': 10 }).write('x', () => socket.destroy());
  });
  await exchange(port, 'GET /hijacked HTTP/1.1\r\nhost: a\r\n\r\n');
  await exchange(port, 'GET /cut HTTP/1.1\r\nhost: a\r\n\r\n');
  const gone = connect(port, '127.0.0.1');
  gone.write('GET /wait HTTP/1.1\r\nhost: a\r\n\r\n');
  await once(gone, 'connect');
  setTimeout(() => gone.end(), 20);
  const byPath = Object.fromEntries((await spans(3)).map((span) => [span.attributes['url.path'], span]));
  t.match(byPath['/hijacked']?.attributes, { 'tandem.response.cut_off': 'before_headers' });
  t.match(byPath['/cut']?.attributes, {
    'error.type': 'response_destroyed',
    'tandem.response.cut_off': 'in_body',
    'http.response.status_code': 200,
  });
  t.match(byPath['/wait'], { status: { code: 0 }, attributes: { 'error.type': 'client_disconnected' } });
});

/** What an app does to its request or response. */
const CHANGES: Readonly<Record<string, (request: IncomingMessage) => void>> = {
  'another version': (request) => Object.assign(request, { httpVersionMajor: 2 }),
  'another version and a stream': (request) => Object.assign(request, { httpVersionMajor: 2, stream: {} }),
  'no socket': (request) => Object.assign(request, { socket: undefined }),
  'a route of nothing': (request) => Object.assign(request, { app: null, route: null }),
  'a route that throws': (request) =>
    Object.defineProperties(request, { app: { value: {} }, route: { get: () => JSON.parse('{') } }),
};

for (const [what, change] of Object.entries(CHANGES))
  t.test(`an app that gives its request ${what} is answered, and no listener of ours throws`, async (t) => {
    const { port, spans } = await start(t, (request, response) => {
      change(request);
      response.end('ok');
    });
    await answer(port, '/');
    t.match(await spans(1), [{ status: { code: 0 }, attributes: { 'http.response.status_code': 200 } }]);
  });

t.test('where a listener of ours fails, the span ends all the same', async (t) => {
  const { port, spans } = await start(t, (_, response) => {
    Object.defineProperty(response, 'writableFinished', { get: () => JSON.parse('{') });
    response.end('ok');
  });
  await answer(port, '/');
  t.match(await spans(1), [{ attributes: { 'http.response.status_code': 200 } }]);
});

t.test('a handler that goes on after its client left tells until when', async (t) => {
  const asked = Promise.withResolvers<ServerResponse>();
  const { port, spans } = await start(t, (request, response) => {
    request.resume().on('end', () => asked.resolve(response));
  });
  const gone = connect(port, '127.0.0.1');
  gone.write('POST /wait HTTP/1.1\r\nhost: a\r\ncontent-length: 2\r\n\r\n{}');
  const response = await asked.promise;
  gone.destroy();
  await spans(1);
  await delay(60);
  response.end('ok');
  const [server, more] = await spans(2);
  t.match(server?.attributes, { 'error.type': 'client_disconnected' });
  t.match(more, { name: 'work after the client left', parentSpanContext: server?.spanContext() });
});

t.test('an upgrade leaves no span open, with a listener for it and without', async (t) => {
  const { spans, openSpans } = startTracing(t);
  const head = 'GET /chat HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n';
  const upgrading = createServer().on('upgrade', (_, socket) => {
    socket.end('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n');
  });
  t.match(await exchange(await serve(t, upgrading), head), /^HTTP\/1\.1 101 /);
  t.equal(openSpans.open.size, 0, 'no HTTP exchange any more');
  const plain = createServer((_, response) => {
    response.shouldKeepAlive = false;
    response.end('ok');
  });
  t.match(await exchange(await serve(t, plain), head), /ok/);
  t.match(await spans(1), [{ name: 'GET', attributes: { 'http.response.status_code': 200 } }]);
});

t.test('a request of Fastify has one SERVER span, on each address of the server', async (t) => {
  const { spans } = startTracing(t);
  const stop = fastify()(instrumentationParts());
  const app = Fastify({ forceCloseConnections: true });
  t.teardown(async () => {
    stop?.();
    await app.close();
  });
  app.get('/items/:id', async () => 'ok');
  await app.listen({ host: 'localhost', port: 0 });
  const addresses = app.addresses() as AddressInfo[];
  for (const { address, port } of addresses)
    await once(get({ host: address, port, path: '/items/7' }), 'close');
  const all = await spans(addresses.length);
  t.same(
    namesOf(all),
    addresses.map(() => 'GET /items/:id'),
  );
});

t.test('a SERVER span of the host within ours takes its place', async (t) => {
  const { port, spans } = await start(t, (_, response) => {
    const options = { kind: SpanKind.SERVER, attributes: { 'http.method': 'GET' } };
    trace.getTracer('next.js').startActiveSpan('GET /app', options, (span) => {
      withSpan('render', {}, () => response.end('ok'));
      span.end();
    });
  });
  await answer(port, '/', { traceparent: traceparentOf() });
  const [render, server, ...more] = await spans(3);
  t.same(more, []);
  t.match(server, { name: 'GET /app', parentSpanContext: { spanId: CALLER.spanId } });
  t.equal(render?.parentSpanContext?.spanId, server?.spanContext().spanId);
});

t.test(
  'a CLIENT span that a host never makes active is left out, because ours sends the context',
  async (t) => {
    const { port, spans } = await start(t, (_, response) => {
      const options = { kind: SpanKind.CLIENT, attributes: { 'http.method': 'GET' } };
      for (const host of ['@vercel/otel/fetch', '@sentry/node'])
        trace.getTracer(host).startSpan('fetch GET', options).end();
      const attributes = { 'sentry.op': 'http.client', 'http.method': 'GET' };
      trace.getTracer('@sentry/node').startSpan('GET http://a/', { attributes }).end();
      trace.getTracer('@sentry/node').startSpan('SELECT', { kind: SpanKind.CLIENT }).end();
      response.end();
    });
    await answer(port, '/');
    const all = await spans(5);
    t.same(namesOf(all), ['SELECT', 'GET']);
  },
);

t.test('a host that reads the headers of the request again makes its spans below ours', async (t) => {
  const { port, spans } = await start(t, ({ headers }, response) => {
    // Like Sentry, which continues the trace of its own header before each request.
    const ofHost = trace.setSpanContext(context.active(), { ...CALLER, spanId: 'a'.repeat(16) });
    context.with(propagation.extract(ofHost, headers), () => withSpan('work', {}, () => response.end()));
  });
  await answer(port, '/', { traceparent: traceparentOf() });
  const [work, server] = await spans(2);
  t.equal(work?.parentSpanContext?.spanId, server?.spanContext().spanId);
  t.equal(server?.parentSpanContext?.spanId, CALLER.spanId);
});

t.test('requests that are left out have no span, and none below', async (t) => {
  const listener: RequestListener = ({ url }, response) => withSpan(`work ${url}`, {}, () => response.end());
  const byDefault = await start(t, listener);
  for (const path of ['/health/live', '/api/items']) await answer(byDefault.port, path);
  t.same(namesOf(await byDefault.spans(2)), ['work /api/items', 'GET']);
});

t.test(
  'a root request links to the context that the process was started in, and others do not',
  async (t) => {
    const before = processContext.value;
    processContext.value = trace.setSpanContext(before, { ...CALLER, isRemote: true });
    t.teardown(() => {
      processContext.value = before;
    });
    const { port, spans } = await start(t, (_, response) => void response.end());
    await answer(port, '/');
    await answer(port, '/', { traceparent: traceparentOf({ ...CALLER, spanId: 'a'.repeat(16) }) });
    const [root, child] = await spans(2);
    t.match(root, { links: [{ context: CALLER }] });
    t.equal(root?.parentSpanContext, undefined);
    t.same(child?.links, []);
    t.equal(child?.parentSpanContext?.spanId, 'a'.repeat(16));
    withSpan('outside of a request', {}, () => {});
    const [, , outside] = await spans(3);
    t.match(outside?.parentSpanContext, { spanId: CALLER.spanId });
    t.equal(context.active(), processContext.value);
  },
);
