import { createHash } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { context, propagation, SpanStatusCode } from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';
import { AlwaysOffSampler } from '@opentelemetry/sdk-trace-base';
import type { Test } from 'tap';
import t from 'tap';
import { Agent, Pool, request, fetch as undiciFetch } from 'undici';
import { until } from '../../../../test/helpers/until.ts';
import { withResendCount, withUrlTemplate } from '../../src/client/client-request.ts';
import { traceUndici } from '../../src/client/undici-client.ts';
import { propagatorOf } from '../../src/context/propagator.ts';
import { formatTraceparent } from '../../src/context/traceparent.ts';
import { withSpan } from '../../src/spans/with-span.ts';
import type { TestTelemetryOptions } from '../../src/testing/index.ts';
import { createTestTelemetry } from '../../src/testing/index.ts';
import { ENGINE } from '../engines.ts';
import { OpenSpans } from '../server/harness.ts';

const CALLER = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
const ERROR = SpanStatusCode.ERROR;

/** RFC 6455, section 1.3. */
const WEBSOCKET_GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** A server that keeps received requests, and telemetry that keeps the client's spans. */
async function start(
  t: Test,
  handler: Handler = (_request, response) => void response.end('ok'),
  options: TestTelemetryOptions = {},
) {
  const openSpans = new OpenSpans();
  const telemetry = createTestTelemetry({ ...options, engine: ENGINE, spanProcessors: [openSpans] });
  const stop = traceUndici();
  const received: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    received.push(request);
    handler(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  t.teardown(async () => {
    stop();
    server.closeAllConnections();
    server.close();
    await telemetry.shutdown();
  });
  /** Waits until no span is open, and returns all spans. */
  async function spans(count: number): Promise<ReadableSpan[]> {
    await until(() => telemetry.spans().length >= count && openSpans.open.size === 0);
    t.equal(telemetry.spans().length, count);
    t.equal(openSpans.ends, count, 'each span ended once');
    return telemetry.spans();
  }
  async function span(): Promise<ReadableSpan> {
    const [only] = await spans(1);
    if (only === undefined) throw new Error('there is no span');
    return only;
  }
  return { port, received, server, url: `http://127.0.0.1:${port}`, telemetry, spans, span };
}

t.test('a request of fetch is a CLIENT span with the attributes of the semantic conventions', async (t) => {
  const { url, port, span, received } = await start(t);
  await (await fetch(`${url}/users?handle=a&sig=abc`, { headers: { 'user-agent': 'tester/1' } })).text();
  const { name, kind, status, attributes } = await span();
  t.equal(name, 'GET');
  t.equal(kind, 2);
  t.same(status, { code: 0 });
  t.same(attributes, {
    'http.request.method': 'GET',
    'url.full': `${url}/users?handle=a&sig=REDACTED`,
    'url.path': '/users',
    'url.query': 'handle=a&sig=REDACTED',
    'url.scheme': 'http',
    'server.address': '127.0.0.1',
    'server.port': port,
    'network.peer.address': '127.0.0.1',
    'network.peer.port': port,
    'network.protocol.version': '1.1',
    'http.response.status_code': 200,
  });
  t.equal(received[0]?.url, '/users?handle=a&sig=abc', 'what is sent is not redacted');
});

t.test('a WebSocket has no span, and its request carries the active context', async (t) => {
  const { url, server, telemetry } = await start(t);
  const carried: unknown[] = [];
  server.on('upgrade', ({ headers }, socket) => {
    carried.push(headers.traceparent);
    const accepted = createHash('sha1')
      .update(`${headers['sec-websocket-key']}${WEBSOCKET_GUID}`)
      .digest('base64');
    socket.write('HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n');
    socket.write(`sec-websocket-accept: ${accepted}\r\n\r\n`);
    t.teardown(() => socket.destroy());
  });
  const { spanId } = await withSpan('work', {}, async (span) => {
    await once(new WebSocket(url.replace('http', 'ws')), 'open');
    return span.spanContext();
  });
  t.match(carried, [new RegExp(`-${spanId}-`)]);
  t.same(
    telemetry.spans().map(({ name }) => name),
    ['work'],
  );
});

t.test('the span is a child of the active one, and the parent of the server’s', async (t) => {
  const { url, received, spans } = await start(t);
  await withSpan('work', {}, async () => (await fetch(url)).text());
  const [client, work] = await spans(2);
  t.equal(client?.parentSpanContext?.spanId, work?.spanContext().spanId);
  t.equal(received[0]?.headers.traceparent, client && formatTraceparent(client.spanContext()));
});

t.test('a template names the span', async (t) => {
  const { url, spans } = await start(t);
  await withUrlTemplate('/users/:handle', async () => {
    await (await fetch(`${url}/users/a`)).text();
    await (await request(`${url}/users/b`, { method: 'POST' })).body.text();
  });
  await (await fetch(`${url}/users/c`)).text();
  t.same(
    (await spans(3)).map((span) => [span.name, span.attributes['url.template']]),
    [
      ['GET /users/:handle', '/users/:handle'],
      ['POST /users/:handle', '/users/:handle'],
      ['GET', undefined],
    ],
  );
});

t.test('a repeated request has its count', async (t) => {
  const { url, spans } = await start(t);
  await (await withResendCount(0, () => fetch(url))).text();
  await (await withResendCount(2, () => fetch(url))).text();
  await (await fetch(url)).text();
  t.same(
    (await spans(3)).map((span) => span.attributes['http.request.resend_count']),
    [undefined, 2, undefined],
  );
});

t.test('requests of a Pool and of undici’s own fetch are traced', async (t) => {
  const { url, spans } = await start(t);
  const pool = new Pool(url);
  t.teardown(() => pool.close());
  await (await pool.request({ path: '/pool?x=1', method: 'GET' })).body.text();
  await (await undiciFetch(`${url}/fetch`)).text();
  t.same(
    (await spans(2)).map((span) => span.attributes['url.full']),
    [`${url}/pool?x=1`, `${url}/fetch`],
  );
});

t.test('a method in lower case is in capitals on the span', async (t) => {
  const { url, spans } = await start(t);
  await (await fetch(url, { method: 'get' })).text();
  await (await fetch(url, { method: 'PROPFIND' })).text();
  const pool = new Pool(url);
  t.teardown(() => pool.close());
  await pool.request({ path: '/', method: 'get' as 'GET' }).then(
    ({ body }) => body.text(),
    () => {},
  );
  t.same(
    (await spans(3)).map((span) => [
      span.name,
      span.attributes['http.request.method'],
      span.attributes['http.request.method_original'],
    ]),
    [
      ['GET', 'GET', undefined],
      ['HTTP', '_OTHER', 'PROPFIND'],
      ['GET', 'GET', 'get'],
    ],
  );
});

t.test('a path that begins with two slashes is a path of the same host', async (t) => {
  const { url, port, span } = await start(t);
  const pool = new Pool(url);
  t.teardown(() => pool.close());
  await (await pool.request({ path: '//other.example/x?y=1', method: 'GET' })).body.text();
  const { attributes } = await span();
  t.equal(attributes['url.full'], `${url}//other.example/x?y=1`);
  t.equal(attributes['url.path'], '//other.example/x');
  t.equal(attributes['server.address'], '127.0.0.1');
  t.equal(attributes['server.port'], port);
});

t.test('a caller’s own traceparent gives way, in any form of headers', async (t) => {
  const { url, received, spans } = await start(t);
  const own = { TraceParent: CALLER, tracestate: 'a=1', 'x-own': 'kept' };
  const forms = [
    own,
    Object.entries(own).flat(),
    new Headers(own),
    new Map(Object.entries(own)),
    Object.entries(own)[Symbol.iterator](),
    { ...own, traceparent: [CALLER, CALLER] },
  ];
  for (const headers of forms) await (await request(url, { headers: headers as never })).body.text();
  await (await fetch(url, { headers: own })).text();
  await (await fetch(url, { headers: [...Object.entries(own), ['traceparent', CALLER]] })).text();
  const ended = await spans(forms.length + 2);
  received.forEach(({ rawHeaders }, i) => {
    const names = rawHeaders.filter((_, index) => index % 2 === 0).map((name) => name.toLowerCase());
    t.equal(names.filter((name) => name === 'traceparent').length, 1, `one traceparent in form ${i}`);
    t.notOk(names.includes('tracestate'), 'the state of another trace is not sent with ours');
    t.ok(names.includes('x-own'));
    t.match(received[i]?.headers.traceparent, ended[i]?.spanContext().spanId ?? 'none');
  });
});

t.test('a caller’s own baggage stays beside the active one', async (t) => {
  const { url, received, spans } = await start(t);
  const baggage = propagation.createBaggage({ 'user.id': { value: '7' } });
  await context.with(propagation.setBaggage(context.active(), baggage), async () => {
    await (await request(url, { headers: { baggage: 'mine=1' } })).body.text();
    await (await request(url, { headers: { baggage: 'user.id=7' } })).body.text();
  });
  await spans(2);
  t.same(
    received.map(({ headers }) => headers.baggage),
    ['mine=1, user.id=7', 'user.id=7'],
  );
});

t.test('while tracing is suppressed nothing is traced, and nothing is sent or taken away', async (t) => {
  const { url, received, telemetry } = await start(t);
  await context.with(suppressTracing(context.active()), async () => {
    await (await fetch(url)).text();
    await (await fetch(url, { headers: { traceparent: CALLER } })).text();
  });
  t.same(telemetry.spans(), []);
  t.same(
    received.map(({ headers }) => headers.traceparent),
    [undefined, CALLER],
  );
});

t.test('4xx and 5xx are errors', async (t) => {
  const { url, spans } = await start(t, (request, response) => {
    response.writeHead(Number(request.url?.slice(1))).end();
  });
  await (await fetch(`${url}/404`)).text();
  await (await fetch(`${url}/503`)).text();
  await (await fetch(`${url}/304`)).text();
  t.same(
    (await spans(3)).map((span) => [span.status.code, span.attributes['error.type']]),
    [
      [ERROR, '404'],
      [ERROR, '503'],
      [0, undefined],
    ],
  );
});

t.test('a failed request has the type of its error', async (t) => {
  const { url, spans } = await start(t, (request, response) => {
    if (request.url === '/drop') request.socket.destroy();
    if (request.url === '/half') {
      response.writeHead(200, { 'content-length': 10 });
      response.write('x', () => request.socket.destroy());
    }
  });
  const free = createServer();
  await new Promise<void>((resolve) => free.listen(0, '127.0.0.1', resolve));
  const { port } = free.address() as AddressInfo;
  await new Promise((resolve) => free.close(resolve));
  const dispatcher = new Agent({ headersTimeout: 50 });
  t.teardown(() => dispatcher.close());

  await t.rejects(fetch(`http://127.0.0.1:${port}/`));
  // Long enough for the request to be under way.
  await t.rejects(fetch(`${url}/slow`, { signal: AbortSignal.timeout(500) }));
  await t.rejects(request(`${url}/slow`, { dispatcher }));
  await t.rejects(fetch(`${url}/drop`));
  await t.rejects(fetch(`${url}/half`).then((response) => response.text()));

  const ended = await spans(5);
  t.same(
    ended.map((span) => [
      span.attributes['error.type'],
      span.status.code,
      span.events[0]?.attributes?.['exception.type'],
    ]),
    [
      ['ECONNREFUSED', ERROR, 'ECONNREFUSED'],
      // The code of a DOMException is a number, which the API's event writes.
      ['TimeoutError', ERROR, '23'],
      ['UND_ERR_HEADERS_TIMEOUT', ERROR, 'UND_ERR_HEADERS_TIMEOUT'],
      ['UND_ERR_SOCKET', ERROR, 'UND_ERR_SOCKET'],
      ['UND_ERR_SOCKET', ERROR, 'UND_ERR_SOCKET'],
    ],
  );
});

t.test('a request that its caller cancels ends once, and is no error', async (t) => {
  const { url, spans } = await start(t, (request, response) => {
    if (request.url === '/body') response.write('x');
  });
  const controller = new AbortController();
  setTimeout(() => controller.abort(), 20);
  await t.rejects(fetch(`${url}/slow`, { signal: controller.signal }));
  await (await fetch(`${url}/body`)).body?.cancel();
  const { body } = await request(`${url}/body`);
  body.on('error', () => {}).destroy();
  await (await fetch(`${url}/body`)).body?.cancel('enough, which is no Error');
  const odd = new AbortController();
  setTimeout(() => odd.abort('no Error either'), 20);
  await t.rejects(request(`${url}/slow`, { signal: odd.signal }));
  for (const { status, attributes, events } of await spans(5))
    t.same([status, attributes['error.type'], events], [{ code: 0 }, undefined, []]);
});

t.test('each hop of a redirect is a span', async (t) => {
  const { url, spans } = await start(t, (request, response) => {
    if (request.url === '/from') response.writeHead(302, { location: '/to' }).end();
    else response.end('there');
  });
  t.equal(await (await fetch(`${url}/from`)).text(), 'there');
  t.same(
    (await spans(2)).map((span) => [span.attributes['url.path'], span.status.code]),
    [
      ['/from', 0],
      ['/to', 0],
    ],
  );
});

t.test('once disabled, it makes no spans', async (t) => {
  const { url, telemetry } = await start(t);
  traceUndici()();
  await (await fetch(url)).text();
  t.equal(telemetry.spans().length, 1, 'only the one that still runs');
});

t.test(
  'below a span that is not sampled, its trace goes on once, with a new id each, in place of what the caller forwards',
  async (t) => {
    const { url, received, telemetry } = await start(t, undefined, { sampler: new AlwaysOffSampler() });
    const headers = { traceparent: CALLER, tracestate: 'old=1', baggage: 'b=2', accept: 'text/plain' };
    const sent = await withSpan('outer', {}, async (span) => {
      const withBaggage = propagation.setBaggage(
        context.active(),
        propagation.createBaggage({ a: { value: '1' } }),
      );
      await context.with(withBaggage, async () => {
        await (await fetch(url, { headers })).text();
        await (await request(url, { headers })).body.text();
      });
      return span.spanContext();
    });
    t.equal(received.length, 2);
    const parentIds = new Set([sent.spanId]);
    for (const { rawHeaders, headers } of received) {
      const [version, traceId, parentId = '', flags] = String(headers.traceparent).split('-');
      t.strictSame([version, traceId, flags], ['00', sent.traceId, '02']);
      t.match(parentId, /^[0-9a-f]{16}$/);
      parentIds.add(parentId);
      t.equal(rawHeaders.filter((name) => name.toLowerCase() === 'traceparent').length, 1);
      t.equal(headers.tracestate, undefined);
      t.equal(headers.baggage, 'b=2, a=1');
      t.equal(headers.accept, 'text/plain');
    }
    t.equal(parentIds.size, 3, 'every request has a parent of its own');
    t.same(telemetry.spans(), []);
  },
);

t.test('Jaeger’s headers that the caller forwards are replaced, baggage too', async (t) => {
  const { url, received } = await start(t, undefined, { propagator: propagatorOf(['jaeger']) });
  const forwarded = { 'uberctx-user.id': '1', 'user-agent': 'tester/1' };
  const baggage = propagation.createBaggage({ 'user.id': { value: '2' }, 'not a name': { value: '3' } });
  await withSpan('outer', {}, () =>
    context.with(propagation.setBaggage(context.active(), baggage), async () => {
      await (await fetch(url, { headers: forwarded })).text();
      await (await fetch(url, { headers: { ...forwarded, 'uber-trace-id': 'old' } })).text();
    }),
  );
  t.equal(received.length, 2);
  for (const { headers } of received) {
    t.match(headers, { 'uberctx-user.id': '2', 'user-agent': 'tester/1' });
    t.match(headers['uber-trace-id'], /^[0-9a-f]{32}:[0-9a-f]{16}:0:01$/);
  }
});

t.test('a request after its sampled parent has ended is traced all the same', async (t) => {
  const { url, spans } = await start(t);
  const ended = await withSpan('outer', {}, async () => context.active());
  await context.with(ended, async () => (await fetch(url)).text());
  const [outer, client] = await spans(2);
  t.equal(client?.parentSpanContext?.spanId, outer?.spanContext().spanId);
});

t.test('a request that is not sampled tells the server so', async (t) => {
  const { url, received, telemetry } = await start(t, undefined, { sampler: new AlwaysOffSampler() });
  await (await fetch(url, { headers: { traceparent: CALLER } })).text();
  t.match(received[0]?.headers.traceparent, /^00-[0-9a-f]{32}-[0-9a-f]{16}-0[02]$/);
  const outer = await withSpan('outer', {}, async (span) => {
    await (await fetch(url, { headers: { traceparent: CALLER } })).text();
    return span.spanContext();
  });
  const [, traceId, spanId, flags] = String(received[1]?.headers.traceparent).split('-');
  t.match({ traceId, flags }, { traceId: outer.traceId, flags: /^0[02]$/ });
  t.not(spanId, outer.spanId, 'the request has an id of its own');
  t.same(telemetry.spans(), []);
});
