import { EventEmitter, once } from 'node:events';
import type { ClientHttp2Stream, Http2Server, ServerHttp2Stream } from 'node:http2';
import { connect, constants, createServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { context, SpanKind, trace } from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';
import Fastify from 'fastify';
import type { Test } from 'tap';
import t from 'tap';
import { H2CClient } from 'undici';
import { assertConventions } from '../../../../../test/helpers/conventions/assert-conventions.ts';
import { until } from '../../../../../test/helpers/until.ts';
import { withSpan } from '../../../src/common/with-span.ts';
import { traceHttp2Clients } from '../../../src/guest/node/http2-client.ts';
import { traceHttp2Servers } from '../../../src/guest/node/http2-server.ts';
import { undiciChannels } from '../../../src/guest/node/undici.ts';
import { fastify } from '../../../src/service/fastify/every-server.ts';
import { createTestTelemetry } from '../../../src/service/testing/test-telemetry.ts';
import { ENGINE } from '../../engines.ts';
import { instrumentationParts } from '../../instrumentation-parts.ts';
import { namesOf } from '../../readable-spans.ts';
import { serve } from '../../serve.ts';
import { OpenSpans } from '../../service/fastify/harness.ts';

// Node 22.15, on which the fast tests run too, publishes nothing of HTTP/2.
const CALLER = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' };
const TRACEPARENT = `00-${CALLER.traceId}-${CALLER.spanId}-01`;

/** Traces servers and clients of HTTP/2 until the test ends. */
function startTracing(t: Test) {
  const openSpans = new OpenSpans();
  const telemetry = createTestTelemetry({ engine: ENGINE, spanProcessors: [openSpans] });
  const stops = [
    undiciChannels()(),
    traceHttp2Clients(),
    traceHttp2Servers(),
    fastify()(instrumentationParts()),
  ];
  t.teardown(async () => {
    for (const stop of stops) stop?.();
    await telemetry.shutdown();
  });
  /** Waits until no span is open, and returns the spans of a kind. */
  async function spans(kind: SpanKind, count: number): Promise<ReadableSpan[]> {
    const of = () => telemetry.spans().filter((span) => span.kind === kind);
    await until(() => of().length >= count && openSpans.open.size === 0);
    t.equal(of().length, count);
    return of();
  }
  return { spans };
}

/** Sends a request outside of any trace. Returns the body. */
async function ask(port: number, path: string, headers: object = {}): Promise<string> {
  const session = connect(`http://127.0.0.1:${port}`);
  try {
    return await text(session.request({ ':path': path, ...headers }).on('error', () => {}));
  } finally {
    session.close();
  }
}

const untraced = <T>(run: () => T) => context.with(suppressTracing(context.active()), run);

t.test('a stream has a SERVER span of its caller, active in handlers of both APIs', async (t) => {
  const { spans } = startTracing(t);
  const active = () => trace.getActiveSpan()?.spanContext().spanId;
  const seen: unknown[] = [];
  const compatible = createServer(async (request, response) => {
    request.on('data', () => seen.push(active())).on('end', () => seen.push(active()));
    await text(request);
    response.on('finish', () => seen.push(active()));
    withSpan('work', {}, () => response.end('ok'));
  });
  const streams = createServer().on('stream', (stream: ServerHttp2Stream) => {
    stream.on('data', () => seen.push(active()));
    stream.on('end', () => {
      seen.push(active());
      stream.respond({ ':status': 503 });
      withSpan('work', {}, () => stream.end('no'));
    });
  });
  for (const [index, server] of [compatible, streams].entries()) {
    const port = await serve(t, server);
    const session = untraced(() => connect(`http://127.0.0.1:${port}`));
    t.teardown(() => session.destroy());
    // Two on one session: the context of the first is not that of the second.
    for (const traceparent of [TRACEPARENT, undefined]) {
      const headers = {
        ':path': '/users/7?sig=a',
        ':method': 'POST',
        'user-agent': 'tester',
        ...(traceparent && { traceparent }),
      };
      const sent = untraced(() => session.request(headers));
      sent.end('body');
      await text(sent);
    }
    const [first, second] = (await spans(SpanKind.SERVER, 2 * index + 2)).slice(-2);
    t.same([first?.parentSpanContext?.spanId, second?.parentSpanContext], [CALLER.spanId, undefined]);
    t.match(first, { name: 'POST', status: { code: index === 0 ? 0 : 2 } });
    t.match(first?.attributes, {
      'http.response.status_code': index === 0 ? 200 : 503,
      'url.scheme': 'http',
      'url.path': '/users/7',
      'url.query': 'sig=REDACTED',
      'server.address': '127.0.0.1',
      'server.port': port,
      'client.address': '127.0.0.1',
      'user_agent.original': 'tester',
      'network.protocol.version': '2',
    });
    for (const span of [first, second]) {
      t.ok(seen.filter((id) => id === span?.spanContext().spanId).length >= 2, 'in listeners');
      if (span) assertConventions([span]);
    }
    const work = (await spans(SpanKind.INTERNAL, 2 * index + 2)).slice(-2);
    t.same(
      work.map((span) => span.parentSpanContext?.spanId),
      [first, second].map((span) => span?.spanContext().spanId),
    );
  }
  t.notOk(seen.includes(undefined));
});

t.test('Fastify, health and exports have no second span', async (t) => {
  const { spans } = startTracing(t);
  const app = Fastify({ http2: true });
  t.teardown(() => app.close());
  app.get('/items/:id', async () => 'ok');
  await app.listen({ host: 'localhost', port: 0 });
  const ports = (app.addresses() as AddressInfo[]).map(({ port }) => port);
  await untraced(() => Promise.all(ports.map((port) => ask(port, '/items/7'))));
  const plain = await serve(
    t,
    createServer((_, response) => void withSpan('below', {}, () => response.end())),
  );
  await untraced(() => ask(plain, '/health'));
  await untraced(() => ask(plain, '/v1', { 'user-agent': 'OTel-OTLP-Exporter-JavaScript/0.2' }));
  const all = await spans(SpanKind.SERVER, ports.length);
  t.same(
    namesOf(all),
    ports.map(() => 'GET /items/:id'),
  );
  await spans(SpanKind.INTERNAL, 0);
});

t.test('a client that leaves is not an error, and a server that breaks off is one', async (t) => {
  const { spans } = startTracing(t);
  const arrived = new EventEmitter();
  const server: Http2Server = createServer().on('stream', (stream: ServerHttp2Stream, headers) => {
    stream.on('error', () => {});
    const path = headers[':path'];
    if (path === '/events') stream.respond({ ':status': 200 });
    if (path === '/length') stream.respond({ ':status': 200, 'content-length': 10 });
    if (path === '/file') stream.respondWithFile(process.execPath);
    else if (path !== '/late') stream.write('data');
    if (path === '/broken') stream.destroy(new RangeError('out of data'));
    arrived.emit('stream');
  });
  const port = await serve(t, server);
  const session = untraced(() => connect(`http://127.0.0.1:${port}`));
  t.teardown(() => session.destroy());
  for (const [index, [path, status, code, error]] of (
    [
      ['/events', 200, 0, undefined],
      ['/length', 200, 0, 'client_disconnected'],
      ['/file', 200, 0, 'client_disconnected'],
      ['/late', undefined, 0, 'client_disconnected'],
      ['/broken', 200, 2, 'RangeError'],
    ] as const
  ).entries()) {
    const at = once(arrived, 'stream');
    const stream = untraced(() => session.request({ ':path': path })).on('error', () => {});
    await (path === '/late' || path === '/broken' ? at : once(stream, 'data'));
    stream.close(constants.NGHTTP2_CANCEL);
    const span = (await spans(SpanKind.SERVER, index + 1))[index];
    const { 'http.response.status_code': answered, 'error.type': type } = span?.attributes ?? {};
    t.same([answered, span?.status.code, type], [status, code, error], path);
  }
});

t.test('a request of a client has a CLIENT span, as those of undici over HTTP/2 have', async (t) => {
  const { spans } = startTracing(t);
  const traceparents: unknown[] = [];
  const server = createServer((request, response) => {
    traceparents.push(request.headers.traceparent);
    if (request.url === '/broken') return response.stream.close(constants.NGHTTP2_INTERNAL_ERROR);
    if (request.url === '/late') return;
    response.writeHead(request.url === '/gone' ? 404 : 200);
    response.end('ok');
  });
  const port = await serve(t, server);
  const origin = `http://127.0.0.1:${port}`;
  const session = connect(origin);
  t.teardown(() => session.destroy());
  const send = (path: string, options = {}) =>
    session.request({ ':path': path }, options).on('error', () => {});
  await withSpan('outer', {}, () => text(send('/users/7?page=2')));
  await text(send('/gone'));
  await text(send('/broken')).catch(() => {});
  const cancelled = send('/late');
  await until(() => traceparents.length === 4);
  cancelled.close(constants.NGHTTP2_CANCEL);
  await once(send('/late', { signal: AbortSignal.timeout(20) }), 'close').catch(() => {});
  const ends: ((late: ClientHttp2Stream) => unknown)[] = [
    (late) => late.close(constants.NGHTTP2_CANCEL),
    (late) => late.destroy(),
  ];
  for (const end of ends) {
    const late = send('/late');
    late.setTimeout(20, () => end(late));
    await once(late, 'close');
  }
  const left = send('/late');
  await until(() => traceparents.length === 8);
  left.destroy(new Error('not wanted any more'));
  const all = await spans(SpanKind.CLIENT, 8);
  const [first] = all;
  const [outer] = await spans(SpanKind.INTERNAL, 1);
  t.equal(first?.parentSpanContext?.spanId, outer?.spanContext().spanId);
  t.match(first?.attributes, {
    'url.full': `${origin}/users/7?page=2`,
    'server.address': '127.0.0.1',
    'server.port': port,
    'network.peer.port': port,
    'network.protocol.version': '2',
  });
  t.same(
    all.map(({ status, attributes }) => [
      attributes['http.response.status_code'],
      status.code,
      attributes['error.type'],
    ]),
    [
      [200, 0, undefined],
      [404, 2, '404'],
      [undefined, 2, 'ERR_HTTP2_STREAM_ERROR'],
      [undefined, 0, undefined],
      [undefined, 2, 'TimeoutError'],
      [undefined, 2, 'timeout'],
      [undefined, 2, 'timeout'],
      [undefined, 0, undefined],
    ],
  );
  assertConventions(all);
  t.ok(
    traceparents.every((value) => value === undefined),
    'Node takes none',
  );
  await spans(SpanKind.SERVER, 8);

  const dispatcher = new H2CClient(origin);
  t.teardown(() => dispatcher.destroy());
  await (await dispatcher.request({ path: '/users/7', method: 'GET' })).body.text();
  t.match(traceparents.at(-1), /^00-/);
  await spans(SpanKind.CLIENT, 9);
  await withSpan('CALL', {}, async () => {
    const call = trace.getTracer('grpc').startSpan('call', { kind: SpanKind.CLIENT });
    await context.with(trace.setSpan(context.active(), call), () => text(send('/users/7')));
    call.end();
  });
  t.same(namesOf((await spans(SpanKind.CLIENT, 10)).slice(-1)), ['call']);
  await withSpan('unread', {}, () => once(send('/users/7'), 'response'));
  t.match((await spans(SpanKind.CLIENT, 11)).at(-1)?.status, { code: 0 });
});
