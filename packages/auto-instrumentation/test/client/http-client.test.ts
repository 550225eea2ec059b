import { once } from 'node:events';
import type { IncomingMessage, OutgoingHttpHeaders, RequestOptions } from 'node:http';
import { Agent, request } from 'node:http';
import { SpanKind, trace } from '@opentelemetry/api';
import { withSpan } from '@tandem/telemetry';
import t from 'tap';
import { freePort } from '../../../../test/helpers/processes.ts';
import { answerOf, breakOff, start } from '../../../http-spans/test/client/harness.ts';

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
      [0, undefined],
    ],
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

t.test('what agents beside telemetry send home is not a call of the app', async (t) => {
  const { url, received, spans } = await start(t);
  const paths = [
    '/api/4505/envelope/?sentry_key=a',
    '/v0.4/traces',
    '/telemetry/proxy/api/v2/apmtelemetry',
    '/intake/v2/events',
    '/agent_listener/invoke_raw_method?marshal_format=json',
  ];
  for (const path of paths) {
    await answerOf(request(url + path, { method: 'POST' }));
    await (await fetch(url + path, { method: 'POST' })).text();
  }
  t.equal(received.length, 2 * paths.length);
  t.ok(received.every(({ headers }) => headers.traceparent === undefined));
  for (const path of ['/api/orders/envelope/', '/v1/traces/7']) await answerOf(request(url + path));
  await spans(2);
});
