import { once } from 'node:events';
import type { IncomingMessage, OutgoingHttpHeaders, RequestOptions } from 'node:http';
import { Agent, createServer, request } from 'node:http';
import { Agent as SecureAgent, request as secureRequest } from 'node:https';
import { connect } from 'node:net';
import { SpanKind, trace } from '@opentelemetry/api';
import t from 'tap';
import { freePort } from '../../../../../test/helpers/processes.ts';
import { withSpan } from '../../../src/common/with-span.ts';
import { answerOf, breakOff, start } from '../../road/http/client-harness.ts';

t.test(
  'requests over kept connections, that waited for one too, have the parent that sent them',
  async (t) => {
    const { url, spans } = await start(t, ({ url }, response) => {
      setTimeout(() => response.end('ok'), Number(url?.slice(1)) % 3);
    });
    const agent = new Agent({ keepAlive: true, maxSockets: 3 });
    t.teardown(() => agent.destroy());
    const wrong: string[] = [];
    const sendIn = (index: number) =>
      withSpan('outer', { index }, async (span) => {
        const sent = request(`${url}/${index}`, { agent });
        const [response]: IncomingMessage[] = await once(sent.end(), 'response');
        for (const event of ['data', 'end'])
          response?.on(event, () => {
            if (trace.getActiveSpan() !== span) wrong.push(`${event} of ${index}`);
          });
        await once(Object(response), 'close');
      });
    await Promise.all(Array.from({ length: 100 }, (_, index) => sendIn(index)));
    const all = await spans(200);
    const parents = new Map(all.map((span) => [span.spanContext().spanId, span]));
    for (const span of all.filter(({ kind }) => kind === SpanKind.CLIENT)) {
      const parent = parents.get(span.parentSpanContext?.spanId ?? '');
      t.equal(span.attributes['url.path'], `/${parent?.attributes.index}`);
    }
    t.same(wrong, []);
  },
);

t.test('failed, cut off and cancelled requests end as those of fetch do', async (t) => {
  const { url, spans } = await start(t, breakOff);
  await t.rejects(answerOf(request('http://127.0.0.1:1/')));
  await t.rejects(answerOf(request(`${url}/drop`)));
  await t.rejects(answerOf(request(`${url}/half`)));
  await t.rejects(answerOf(request(`${url}/slow`, { signal: AbortSignal.timeout(50) })));
  t.same(
    (await spans(4)).map(({ status, attributes }) => [status.code, attributes['error.type']]),
    [
      [2, 'ECONNREFUSED'],
      [2, 'ECONNRESET'],
      [2, 'ECONNRESET'],
      [2, 'TimeoutError'],
    ],
  );
});

t.test('a proxy that refuses the way to a server fails the request, with its words', async (t) => {
  const { spans } = await start(t, () => {});
  const refuses = createServer().on('connect', (_request, socket) =>
    socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n'),
  );
  await once(refuses.listen(0, '127.0.0.1'), 'listening');
  t.teardown(() => refuses.close());
  const HTTPS_PROXY = `http://127.0.0.1:${Object(refuses.address()).port}`;
  const agent = new SecureAgent({ proxyEnv: { HTTPS_PROXY } });
  await t.rejects(answerOf(secureRequest('https://example.com/', { agent })), { code: 'ERR_PROXY_TUNNEL' });
  t.match(await spans(1), [
    {
      status: { code: 2, message: /407 Proxy Authentication Required/ },
      attributes: { 'error.type': 'ERR_PROXY_TUNNEL' },
    },
  ]);
});

t.test('the span has the size of a large body, as its header tells it', async (t) => {
  const { url, spans } = await start(t, ({ url }, response) => {
    const body = Buffer.alloc(Number(url?.slice(1)));
    response.setHeader('content-length', body.length);
    response.end(body);
  });
  await answerOf(request(`${url}/65536`));
  await answerOf(request(`${url}/65535`));
  await answerOf(request(`${url}/65536`, { method: 'HEAD' }));
  t.strictSame(
    (await spans(3)).map(({ attributes }) => attributes['http.response.body.size']),
    [65_536, undefined, undefined],
  );
});

t.test('the span of an upgraded request ends', async (t) => {
  const { url, spans } = await start(t, ({ socket }) => {
    socket.end('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n');
  });
  const sent = request(`${url}/chat`, { headers: { connection: 'upgrade', upgrade: 'websocket' } });
  const [, socket] = await once(sent.end(), 'upgrade');
  socket.destroy();
  t.match(await spans(1), [{ name: 'GET', status: { code: 0 } }]);
});

t.test('headers that Node has written already are sent as they are, and the span is made', async (t) => {
  const { url, port, received, spans } = await start(t);
  const host = `127.0.0.1:${port}`;
  const lists: unknown[] = [
    ['Host', host, 'x-own', 'kept'],
    [
      ['x-own', 'kept'],
      ['host', host],
    ],
  ];
  for (const headers of lists) await answerOf(request(`${url}/list`, { headers: headers as string[] }));
  for (const { headers } of received) t.match(headers, { 'x-own': 'kept', traceparent: undefined });
  for (const span of await spans(2))
    t.match(span, { name: 'GET', attributes: { 'url.full': `${url}/list`, 'server.port': port } });
});

t.test('the server of a span is the one that was asked, whatever the Host header says', async (t) => {
  const { port, spans } = await start(t);
  const refusing = await freePort();
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  t.teardown(() => agent.destroy());
  const options: readonly RequestOptions[] = [
    {},
    { headers: { host: 'shop.example.com' } },
    { headers: { Host: 'shop.example.com:8080' }, agent },
    { headers: { host: `127.0.0.1.example.com:${port}` }, agent }, // over the kept connection
    { headers: ['x-a', '1', 'accept', '*/*'] as unknown as OutgoingHttpHeaders, agent: false },
    { headers: ['Host', 'shop.example.com'] as unknown as OutgoingHttpHeaders },
    { setHost: false, headers: { accept: '*/*' } },
    { headers: { host: 'not a host' } },
  ];
  for (const each of options) await answerOf(request({ host: '127.0.0.1', port, path: '/a?b=1', ...each }));
  const headers = { host: 'shop.example.com' };
  for (const host of ['127.0.0.1', 'localhost'])
    await t.rejects(answerOf(request({ host, port: refusing, path: '/a?b=1', headers })));
  const servers = (await spans(options.length + 2)).map(({ attributes }) => {
    const { 'url.full': url, 'server.address': address, 'server.port': serverPort } = attributes;
    return [url, address, serverPort];
  });
  const expected = (host: string, port: number) => [`http://${host}:${port}/a?b=1`, host, port];
  t.same(servers, [
    ...options.map(() => expected('127.0.0.1', port)),
    expected('127.0.0.1', refusing),
    expected('localhost', refusing),
  ]);
});

/** The path of each agent's export, and what its own requests have beside the path. */
const EXPORTS: Readonly<Record<string, { readonly query?: string; readonly headers?: OutgoingHttpHeaders }>> =
  {
    '/api/4505/envelope/': { query: '?sentry_version=7&sentry_key=a' },
    '/api/4505/store/': { headers: { 'X-Sentry-Auth': 'Sentry sentry_key=a' } },
    '/v0.4/traces': { headers: { 'Datadog-Meta-Lang': 'nodejs' } },
    '/v0.6/stats': { headers: { 'Datadog-Meta-Lang': 'javascript' } },
    '/telemetry/proxy/api/v2/apmtelemetry': { headers: { 'dd-telemetry-api-version': 'v2' } },
    '/v0.7/config': { headers: { 'Datadog-Entity-Id': 'in-1' } },
    '/dogstatsd/v2/proxy': { headers: { 'Datadog-Container-Id': 'in-1' } },
    '/': { headers: { 'User-Agent': 'apm-agent-nodejs/4.19.0 (shop)' } },
    '/intake/v2/events': { headers: { 'User-Agent': 'apm-agent-nodejs/4.19.0 (shop)' } },
    '/config/v1/agents': { headers: { 'User-Agent': 'apm-agent-nodejs/4.19.0 (shop)' } },
    '/agent_listener/invoke_raw_method': { headers: { 'User-Agent': 'NewRelic-NodeAgent/13.0.0 (linux)' } },
  };

t.test('what agents beside telemetry send home is not a call of the app', async (t) => {
  const { url, received, spans } = await start(t);
  for (const [path, { query = '', headers = {} }] of Object.entries(EXPORTS)) {
    await answerOf(request(url + path + query, { method: 'POST', headers }));
    await (
      await fetch(url + path + query, { method: 'POST', headers: headers as Record<string, string> })
    ).text();
  }
  t.equal(received.length, 2 * Object.keys(EXPORTS).length);
  t.ok(received.every(({ headers }) => headers.traceparent === undefined));
  await answerOf(request(`${url}/orders`));
  await spans(1);
});

t.test('requests of an agent that bear no mark are known where the agent is in the process', async (t) => {
  const { url, received, spans } = await start(t);
  const { port } = new URL(url);
  const agents = { [Symbol.for('dd-trace')]: {}, [Symbol('ElasticAPMAgentInitialized')]: true };
  Object.defineProperties(globalThis, Object.getOwnPropertyDescriptors(agents));
  t.teardown(() =>
    Object.getOwnPropertySymbols(agents).map((key) => Reflect.deleteProperty(globalThis, key)),
  );
  const toCloud = (path: string) =>
    answerOf(
      request({ host: '169.254.169.254', path, createConnection: () => connect(Number(port), '127.0.0.1') }),
    );
  for (const path of ['/v0.7/config', '/dogstatsd/v2/proxy', '/profiling/v1/input'])
    await answerOf(request(url + path, { method: 'POST' }));
  await toCloud('/latest/api/token');
  t.ok(received.every(({ headers }) => headers.traceparent === undefined));
  await answerOf(request(`${url}/info`));
  await withSpan('credentials of the app', {}, () => toCloud('/latest/meta-data/iam'));
  t.same((await spans(3)).map(({ name }) => name).toSorted(), ['GET', 'GET', 'credentials of the app']);
});

t.test("an app's own call to a path as an agent has it is a call", async (t) => {
  const { url, received, spans } = await start(t);
  const headers = { 'user-agent': 'shop/1.0 (as apm-agent-nodejs/4)', accept: 'datadog-meta-lang' };
  for (const path of Object.keys(EXPORTS)) {
    await answerOf(request(url + path, { headers }));
    await (await fetch(url + path, { headers })).text();
  }
  t.same(
    received.filter(({ headers }) => headers.traceparent === undefined).map((each) => each.url),
    [],
  );
  await spans(2 * Object.keys(EXPORTS).length);
});
