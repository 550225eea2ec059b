import { once } from 'node:events';
import type { ClientRequest, IncomingMessage, RequestOptions, ServerResponse } from 'node:http';
import { Agent, createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { context, propagation, SpanKind, trace } from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';
import { AlwaysOffSampler } from '@opentelemetry/sdk-trace-base';
import type { Test } from 'tap';
import t from 'tap';
import { until } from '../../../../test/helpers/until.ts';
import { withUrlTemplate } from '../../src/client/client-request.ts';
import { traceHttpClients } from '../../src/client/http-client.ts';
import { traceUndici } from '../../src/client/undici-client.ts';
import { withSpan } from '../../src/spans/with-span.ts';
import type { TestTelemetryOptions } from '../../src/testing/index.ts';
import { assertConventions, createTestTelemetry } from '../../src/testing/index.ts';
import { ENGINE } from '../engines.ts';
import { OpenSpans } from '../server/harness.ts';

const CALLER = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** A server that keeps received requests, and telemetry of the client. */
async function start(
  t: Test,
  handler: Handler = (_, response) => void response.end('ok'),
  options: TestTelemetryOptions = {},
) {
  const openSpans = new OpenSpans();
  const telemetry = createTestTelemetry({ engine: ENGINE, ...options, spanProcessors: [openSpans] });
  const stops = [traceHttpClients(), traceUndici()];
  const received: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    received.push(request);
    handler(request, response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(async () => {
    for (const stop of stops) stop();
    server.closeAllConnections();
    server.close();
    await telemetry.shutdown();
  });
  const { port } = server.address() as AddressInfo;
  return {
    port,
    received,
    openSpans,
    url: `http://127.0.0.1:${port}`,
    send: (path: string, more: RequestOptions = {}) => request({ host: '127.0.0.1', port, path, ...more }),
    /** Waits until no span is open, and returns all spans. */
    async spans(count: number) {
      await until(() => telemetry.spans().length >= count && openSpans.open.size === 0);
      t.equal(openSpans.ends, count, 'each span ended once');
      return telemetry.spans();
    },
  };
}

/** Ends a request and reads its answer. */
async function answerOf(sent: ClientRequest): Promise<string> {
  const [response] = await once(sent.end(), 'response');
  return Buffer.concat(await response.toArray()).toString();
}

t.test('a request is a CLIENT span, whose context the server gets', async (t) => {
  const { port, url, received, send, spans } = await start(t);
  await withSpan('outer', {}, () =>
    withUrlTemplate('/users/:id', () => answerOf(send('/users/7?sig=secret&page=2', { method: 'POST' }))),
  );
  const [outer, span] = (await spans(2)).toReversed();
  t.match(span, { name: 'POST /users/:id', kind: SpanKind.CLIENT, status: { code: 0 } });
  t.strictSame(span?.attributes, {
    'http.request.method': 'POST',
    'url.full': `${url}/users/7?sig=REDACTED&page=2`,
    'url.path': '/users/7',
    'url.query': 'sig=REDACTED&page=2',
    'url.scheme': 'http',
    'url.template': '/users/:id',
    'server.address': '127.0.0.1',
    'server.port': port,
    'http.response.status_code': 200,
    'network.peer.address': '127.0.0.1',
    'network.peer.port': port,
    'network.protocol.version': '1.1',
  });
  t.equal(span?.parentSpanContext?.spanId, outer?.spanContext().spanId);
  const { traceId, spanId } = span?.spanContext() ?? { traceId: '', spanId: '' };
  t.equal(received[0]?.headers.traceparent, `00-${traceId}-${spanId}-03`);
  assertConventions([span].flatMap((each) => each ?? []));
});

t.test(
  'requests over kept connections, that waited for one too, have the parent that sent them',
  async (t) => {
    const { send, spans } = await start(t, ({ url }, response) => {
      setTimeout(() => response.end('ok'), Number(url?.slice(1)) % 3);
    });
    const agent = new Agent({ keepAlive: true, maxSockets: 3 });
    t.teardown(() => agent.destroy());
    const wrong: string[] = [];
    const sendIn = (index: number) =>
      withSpan('outer', { index }, async (span) => {
        const sent = send(`/${index}`, { agent });
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

t.test('4xx, 5xx, failed, cut off and cancelled requests end as those of fetch do', async (t) => {
  const { send, spans } = await start(t, ({ url, socket }, response) => {
    if (url === '/drop') socket.destroy();
    else if (url === '/half')
      response.writeHead(200, { 'content-length': 10 }).write('x', () => socket.destroy());
    else if (url !== '/slow') response.writeHead(Number(url?.slice(1))).end();
  });
  await answerOf(send('/404'));
  await answerOf(send('/503'));
  await t.rejects(answerOf(send('/', { port: 1 })));
  await t.rejects(answerOf(send('/drop')));
  await t.rejects(answerOf(send('/half')));
  await t.rejects(answerOf(send('/slow', { signal: AbortSignal.timeout(50) })));
  t.same(
    (await spans(6)).map(({ status, attributes }) => [status.code, attributes['error.type']]),
    [
      [2, '404'],
      [2, '503'],
      [2, 'ECONNREFUSED'],
      [2, 'ECONNRESET'],
      [2, 'ECONNRESET'],
      [0, undefined],
    ],
  );
});

t.test('the span of an upgraded request ends', async (t) => {
  const { send, spans } = await start(t, ({ socket }) => {
    socket.end('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n');
  });
  const sent = send('/chat', { headers: { connection: 'upgrade', upgrade: 'websocket' } });
  const [, socket] = await once(sent.end(), 'upgrade');
  socket.destroy();
  t.match(await spans(1), [{ name: 'GET', status: { code: 0 } }]);
});

t.test(
  'headers of a context that the caller forwards give way, and its baggage stays beside ours',
  async (t) => {
    const { received, send } = await start(t);
    const headers = { TraceParent: CALLER, tracestate: 'old=1', baggage: 'mine=1', 'x-own': 'kept' };
    const baggage = propagation.createBaggage({ 'user.id': { value: '7' } });
    await context.with(propagation.setBaggage(context.active(), baggage), () =>
      answerOf(send('/', { headers })),
    );
    const { headers: got = {}, rawHeaders = [] } = received[0] ?? ({} as Partial<IncomingMessage>);
    t.notMatch(got.traceparent, CALLER);
    t.equal(rawHeaders.filter((name) => name.toLowerCase() === 'traceparent').length, 1);
    t.match(got, { baggage: 'mine=1, user.id=7', 'x-own': 'kept' });
    t.notOk('tracestate' in got);
  },
);

t.test('headers that Node has written already are sent as they are, and the span is made', async (t) => {
  const { received, send, spans } = await start(t);
  await answerOf(send('/', { headers: ['host', 'a', 'x-own', 'kept'] }));
  t.match(received[0]?.headers, { 'x-own': 'kept', traceparent: undefined });
  t.match(await spans(1), [{ name: 'GET' }]);
});

t.test('suppressed requests have no span and keep their headers', async (t) => {
  const { received, send, openSpans } = await start(t);
  await context.with(suppressTracing(context.active()), async () => {
    await answerOf(send('/'));
    await answerOf(send('/', { headers: { traceparent: CALLER } }));
  });
  t.equal(openSpans.ends + openSpans.open.size, 0);
  t.same(
    received.map(({ headers }) => headers.traceparent),
    [undefined, CALLER],
  );
});

t.test('a request that is not sampled tells the server so', async (t) => {
  const { received, send, openSpans } = await start(t, undefined, { sampler: new AlwaysOffSampler() });
  await answerOf(send('/'));
  t.match(received[0]?.headers.traceparent, /^00-[0-9a-f]{32}-[0-9a-f]{16}-0[02]$/);
  t.equal(openSpans.ends, 0);
});

t.test('within an HTTP client span of the host there is no second one, and the host’s is sent', async (t) => {
  const { url, received, send, spans } = await start(t);
  for (const attributes of [{ 'http.method': 'GET' }, { 'http.request.method': 'GET' }]) {
    const options = { kind: SpanKind.CLIENT, attributes };
    await trace.getTracer('next.js').startActiveSpan('fetch', options, async (span) => {
      await answerOf(send('/'));
      await (await fetch(url)).text();
      span.end();
    });
  }
  const [first, second] = await spans(2);
  const ids = [first, first, second, second].map((span) => span?.spanContext().spanId);
  t.same(
    received.map(({ headers }) => headers.traceparent?.toString().split('-')[2]),
    ids,
  );
});
