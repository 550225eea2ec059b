import { createHash } from 'node:crypto';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { context, propagation, SpanStatusCode } from '@opentelemetry/api';
import { Agent, Pool, request, fetch as undiciFetch } from 'undici';
import { freePort } from '../../../../../scripts/lib/free-port.ts';
import { propagatorOf } from '../../../src/chosen/propagators/propagator.ts';
import { withResendCount, withSpan } from '../../../src/index.ts';
import type { CalledRequest } from '../../../src/road/undici/undici-call.ts';
import { namesOf } from '../../readable-spans.ts';
import { breakOff, CALLER, testUndici } from './client-harness.ts';

const ERROR = SpanStatusCode.ERROR;

/** RFC 6455, section 1.3. */
const WEBSOCKET_GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

testUndici('a WebSocket has no span, and its request carries the active context', async (t, start) => {
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
  t.same(namesOf(telemetry.spans()), ['work']);
});

testUndici('a repeated request has its count', async (t, start) => {
  const { url, spans } = await start(t);
  await (await withResendCount(0, () => fetch(url))).text();
  await (await withResendCount(2, () => fetch(url))).text();
  await (await fetch(url)).text();
  t.same(
    (await spans(3)).map((span) => span.attributes['http.request.resend_count']),
    [undefined, 2, undefined],
  );
});

testUndici('requests of a Pool and of undici’s own fetch are traced', async (t, start) => {
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

testUndici('a method in lower case is in capitals on the span', async (t, start) => {
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

testUndici('a path that begins with two slashes is a path of the same host', async (t, start) => {
  const { url, port, spans } = await start(t);
  const pool = new Pool(url);
  t.teardown(() => pool.close());
  await (await pool.request({ path: '//other.example/x?y=1', method: 'GET' })).body.text();
  t.match((await spans(1))[0]?.attributes, {
    'url.full': `${url}//other.example/x?y=1`,
    'url.path': '//other.example/x',
    'server.address': '127.0.0.1',
    'server.port': port,
  });
});

testUndici('the URL on a span is the URL that was sent', async (t, start) => {
  const { url, received, spans } = await start(t);
  const pool = new Pool(url);
  t.teardown(() => pool.close());
  const paths = ['/a|b', "/it's?q='x'", '/a/../b', '/%2E%2e/c', '/.well-known/d', '/e"f"', '/g?h={i}', '/j?'];
  for (const path of paths) await (await pool.request({ path, method: 'GET' })).body.text();
  t.same(
    received.map((request) => request.url),
    paths,
  );
  t.same(
    (await spans(paths.length)).map(({ attributes }) => [
      attributes['url.full'],
      attributes['url.path'],
      attributes['url.query'],
    ]),
    paths.map((sent) => {
      const [path, query] = sent.split('?');
      return [url + sent, path, query];
    }),
  );
});

testUndici('a caller’s own traceparent gives way, in any form of headers', async (t, start) => {
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
  await withSpan('outer', {}, async () => {
    for (const headers of forms) await (await request(url, { headers: headers as never })).body.text();
    await (await fetch(url, { headers: own })).text();
    await (await fetch(url, { headers: [...Object.entries(own), ['traceparent', CALLER]] })).text();
  });
  const ended = await spans(forms.length + 3);
  received.forEach(({ rawHeaders }, i) => {
    const names = rawHeaders.filter((_, index) => index % 2 === 0).map((name) => name.toLowerCase());
    t.equal(names.filter((name) => name === 'traceparent').length, 1, `one traceparent in form ${i}`);
    t.notOk(names.includes('tracestate'), 'the state of another trace is not sent with ours');
    t.ok(names.includes('x-own'));
    t.match(received[i]?.headers.traceparent, ended[i]?.spanContext().spanId ?? 'none');
  });
});

testUndici('outside of all spans, one own traceparent stays, and of two none does', async (t, start) => {
  const { url, received, spans } = await start(t);
  for (const headers of [{ TraceParent: CALLER }, ['traceparent', CALLER], { traceparent: [CALLER, CALLER] }])
    await (await request(url, { headers })).body.text();
  const ended = await spans(3);
  t.same(
    ended.map(({ parentSpanContext }) => parentSpanContext?.spanId),
    [CALLER.slice(36, 52), CALLER.slice(36, 52), undefined],
  );
  t.same(
    received.map(({ headers }) => headers.traceparent === CALLER),
    [true, true, false],
  );
});

testUndici('a failed request has the type of its error', async (t, start) => {
  const { url, spans } = await start(t, breakOff);
  const dispatcher = new Agent({ headersTimeout: 50 });
  t.teardown(() => dispatcher.close());

  await t.rejects(fetch(`http://127.0.0.1:${await freePort()}/`));
  // Long enough for the request to be under way.
  await t.rejects(fetch(`${url}/slow`, { signal: AbortSignal.timeout(1_500) }));
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
      ['TimeoutError', ERROR, 'TimeoutError'],
      ['UND_ERR_HEADERS_TIMEOUT', ERROR, 'UND_ERR_HEADERS_TIMEOUT'],
      ['UND_ERR_SOCKET', ERROR, 'UND_ERR_SOCKET'],
      ['UND_ERR_SOCKET', ERROR, 'UND_ERR_SOCKET'],
    ],
  );
});

testUndici('a request that its caller cancels ends once, and is no error', async (t, start) => {
  // Cancelled when the request has arrived: before there is a connection, giving up is an error.
  let cancel = () => {};
  const { url, spans } = await start(t, (request, response) => {
    if (request.url === '/body') response.write('x');
    else cancel();
  });
  const controller = new AbortController();
  cancel = () => controller.abort();
  await t.rejects(fetch(`${url}/slow`, { signal: controller.signal }));
  await (await fetch(`${url}/body`)).body?.cancel();
  const { body } = await request(`${url}/body`);
  body.on('error', () => {}).destroy();
  await (await fetch(`${url}/body`)).body?.cancel('enough, which is no Error');
  const odd = new AbortController();
  cancel = () => odd.abort('no Error either');
  await t.rejects(request(`${url}/slow`, { signal: odd.signal }));
  for (const { status, attributes, events } of await spans(5))
    t.same([status, attributes['error.type'], events], [{ code: 0 }, undefined, []]);
});

testUndici('each hop of a redirect is a span', async (t, start) => {
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

testUndici('once disabled, it makes no spans', async (t, start, trace) => {
  const { url, telemetry } = await start(t);
  trace()();
  await (await fetch(url)).text();
  t.equal(telemetry.spans().length, 1, 'only the one that still runs');
});

testUndici('Jaeger’s headers that the caller forwards are replaced, baggage too', async (t, start) => {
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

testUndici('a request after its sampled parent has ended is traced all the same', async (t, start) => {
  const { url, spans } = await start(t);
  const ended = await withSpan('outer', {}, async () => context.active());
  await context.with(ended, async () => (await fetch(url)).text());
  const [outer, client] = await spans(2);
  t.equal(client?.parentSpanContext?.spanId, outer?.spanContext().spanId);
});

testUndici('the span has the size of a large body, as its header tells it', async (t, start) => {
  const { url, spans } = await start(t, ({ url }, response) => {
    const body = Buffer.alloc(Number(url?.slice(1)));
    response.setHeader('Content-Length', body.length);
    response.end(body);
  });
  await (await fetch(`${url}/65536`)).arrayBuffer();
  await (await fetch(`${url}/65535`)).arrayBuffer();
  await (await fetch(`${url}/65536`, { method: 'HEAD' })).arrayBuffer();
  t.strictSame(
    (await spans(3)).map(({ attributes }) => attributes['http.response.body.size']),
    [65_536, undefined, undefined],
  );
});

testUndici('of two agents that add a traceparent, one header is sent, in both orders', async (t, start) => {
  const theirs = 'd7ad6b7169203331';
  const add = (message: unknown) => {
    const { request } = message as { request: CalledRequest };
    request.addHeader('traceparent', `00-1af7651916cd43dd8448eb211c80319c-${theirs}-01`);
    request.addHeader('tracestate', 'theirs=1');
  };
  subscribe('undici:request:create', add); // as New Relic and Elastic APM do
  t.teardown(() => unsubscribe('undici:request:create', add));
  const { url, received, spans } = await start(t);
  const ask = async (headers = {}) => void (await (await fetch(url, { headers })).text());
  await withSpan('outer', {}, () => ask());
  await ask();
  unsubscribe('undici:request:create', add);
  subscribe('undici:request:create', add); // now after ours
  await ask({ traceparent: CALLER });
  const [ours] = await spans(4);
  const sent = received.map(({ rawHeaders }) =>
    rawHeaders
      .filter((_, at) => /^trace/i.test(rawHeaders[at - 1] ?? ''))
      .map((value) => value.slice(36, 52) || value),
  );
  t.same(sent, [[ours?.spanContext().spanId], [theirs, 'theirs=1'], [theirs, 'theirs=1']]);
});
