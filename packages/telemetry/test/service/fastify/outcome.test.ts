import { EventEmitter, once } from 'node:events';
import { connect as connectHttp2, constants } from 'node:http2';
import { connect } from 'node:net';
import { addAbortSignal, pipeline, Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { SpanStatusCode } from '@opentelemetry/api';
import { hrTimeToNanoseconds } from '@opentelemetry/core';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';
import type {
  FastifyInstance,
  FastifyReply,
  FastifyRequest,
  FastifyServerOptions,
  RouteShorthandOptions,
} from 'fastify';
import t from 'tap';
import { until } from '../../../../../test/helpers/until.ts';
import { exchange, start } from './harness.ts';

const ERROR = SpanStatusCode.ERROR;

function result(span: ReadableSpan): Record<string, unknown> {
  const attributes: Record<string, unknown> = {
    name: span.name,
    status: span.attributes['http.response.status_code'],
    route: span.attributes['http.route'],
    code: span.status.code,
  };
  if ('error.type' in span.attributes) attributes.error = span.attributes['error.type'];
  return attributes;
}

const HOOKS = ['onRequest', 'preParsing', 'preValidation', 'preHandler', 'onSend'] as const;

function addRoutes(app: FastifyInstance): void {
  const ok = async () => 'ok';
  const fail = (error: unknown) => () => Promise.reject(error);
  app.get('/thrown', fail(new TypeError('no such thing')));
  app.get('/text', fail('just text'));
  app.get('/null', fail(null));
  app.get('/busy', async (_request, reply) => reply.code(503).send('busy'));
  app.get('/refused', async (_request, reply) => reply.code(405).send('no'));
  const errorHandler: RouteShorthandOptions['errorHandler'] = (_error, _request, reply) =>
    reply.code(422).send('mapped');
  app.get('/mapped', { errorHandler }, fail(Object.assign(new Error('gone'), { statusCode: 410 })));
  app.get('/slow', { handlerTimeout: 20 }, () => new Promise(() => {}));
  app.get('/items/:id', ok);
  app.post('/body', { bodyLimit: 10 }, ok);
  for (const hook of HOOKS) {
    let hasFailed = false;
    const failOnce = async () => {
      if (hasFailed) return;
      hasFailed = true; // the answer of an error runs onSend again
      throw Object.assign(new Error(hook), { code: 'E_HOOK' });
    };
    app.get(`/${hook}`, { [hook]: failOnce }, ok);
  }
}

/** Requests; names and status codes of their spans; types of their errors, and messages of thrown errors. */
const ANSWERS: readonly (readonly [
  ask: string,
  name: string,
  status: number,
  error?: string,
  thrown?: string,
])[] = [
  ['GET /items/7', 'GET /items/:id', 200],
  ['HEAD /items/7', 'HEAD /items/:id', 200],
  ['GET /thrown', 'GET /thrown', 500, 'TypeError', 'no such thing'],
  ['GET /text', 'GET /text', 500, '_OTHER', 'just text'],
  ['GET /null', 'GET /null', 500, '_OTHER', 'null'],
  ['GET /busy', 'GET /busy', 503, '503'],
  ['GET /refused', 'GET /refused', 405],
  ['GET /mapped', 'GET /mapped', 422],
  [
    'GET /slow',
    'GET /slow',
    503,
    'FST_ERR_HANDLER_TIMEOUT',
    "Request timed out after 20 ms on route '/slow'",
  ],
  ...HOOKS.map((hook) => [`GET /${hook}`, `GET /${hook}`, 500, 'E_HOOK', hook] as const),
  ['GET /nowhere?x=1', 'GET', 404],
  ['DELETE /thrown', 'DELETE', 404],
  ['PROPFIND /thrown', 'HTTP', 404],
  // The router rejects these without any hook.
  ['GET /%zz?sig=1', 'GET', 400],
  [`GET /items/${'x'.repeat(200)}`, 'GET', 414],
  ['POST /body application/json {"a', 'POST /body', 400],
  [`POST /body application/json "${'x'.repeat(20)}"`, 'POST /body', 413],
  ['POST /body text/nothing x', 'POST /body', 415],
];

t.test('an answer, its route and its error are on the span', async (t) => {
  const { url, serverSpans } = await start(t, addRoutes);
  for (const [ask] of ANSWERS) {
    const [method = '', path, type, body] = ask.split(' ');
    const init = { method, ...(type !== undefined && { headers: { 'content-type': type }, body }) };
    await (await fetch(url + path, init as RequestInit)).text();
  }
  const ended = await serverSpans(ANSWERS.length);
  const spans = ended.toSorted((a, b) => hrTimeToNanoseconds(a.startTime) - hrTimeToNanoseconds(b.startTime));
  for (const [index, [ask, name, status, error, thrown]] of ANSWERS.entries()) {
    const span = spans[index] as ReadableSpan;
    const route = name.split(' ')[1];
    const code = error === undefined ? SpanStatusCode.UNSET : ERROR;
    const expected = { name, status, route, code, ...(error !== undefined && { error }) };
    t.same(result(span), expected, ask.slice(0, 60));
    const exceptions = span.events.map((event) => [event.name, event.attributes?.['exception.message']]);
    t.same(exceptions, thrown === undefined ? [] : [['exception', thrown]]);
  }
  const attributesOf = (name: string) => spans.find((span) => span.name === name)?.attributes;
  t.match(spans.find(({ name }) => name === 'GET /thrown')?.events[0]?.attributes, {
    'exception.type': 'TypeError',
    'exception.stacktrace': /outcome\.test\.ts/,
  });
  t.match(attributesOf('GET'), { 'url.path': '/nowhere', 'url.query': 'x=1' });
  t.match(attributesOf('HTTP'), {
    'http.request.method': '_OTHER',
    'http.request.method_original': 'PROPFIND',
  });
  const rejected = spans.find(({ attributes }) => attributes['http.response.status_code'] === 400);
  t.match(rejected?.attributes, { 'url.path': '/%zz', 'url.query': 'sig=REDACTED' });
});

async function* endless() {
  for (let count = 0; count < 2_000; count++) {
    await delay(5);
    yield 'more ';
  }
}

const GET = 'GET /late HTTP/1.1\r\nhost: a\r\n\r\n';
const POST = 'POST / HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\n';

/**
 * Sets a limit when the request has come. With a limit from the start of the server, a pause of this process could end
 * the connection before the request has been read, and there would be no span.
 */
type Limit = (request: FastifyRequest) => unknown;
const setRequestTimeout: Limit = ({ server }) =>
  Object.assign(server.server, { headersTimeout: 50, requestTimeout: 100 });
const setIdleTimeout: Limit = ({ raw }) => raw.socket.setTimeout(50);

/** What a client sends, in pieces; the error of the span; a limit of the server. */
const CUT_OFF: readonly (readonly [
  what: string,
  pieces: readonly string[],
  error: string | RegExp,
  limit?: Limit,
])[] = [
  ['a body stops being HTTP', [`${POST}transfer-encoding: chunked\r\n\r\n`, 'not a chunk\r\n'], /^HPE_/],
  ['a body does not arrive in time', [`${POST}content-length: 2\r\n\r\n{`], 'timeout', setRequestTimeout],
  ['a connection is idle for too long', [GET], 'timeout', setIdleTimeout],
];

for (const [what, pieces, error, limit] of CUT_OFF)
  t.test(`${what}: the span has its error`, async (t) => {
    const addRoutes = (app: FastifyInstance) => {
      if (limit) app.addHook('onRequest', async (request) => void limit(request));
      app.get('/late', ({ raw }) => once(raw.socket, 'close'));
      app.post('/', async () => 'ok');
    };
    const server = { http: { connectionsCheckingInterval: 50 } }; // not among the options of every kind of server
    const { port, serverSpan } = await start(t, addRoutes, { server: server as FastifyServerOptions });
    await exchange(port, ...pieces).catch(() => {}); // the server may cut the connection off
    const span = await serverSpan();
    t.match(result(span), { status: undefined, code: ERROR, error });
    t.equal(span.attributes['tandem.response.cut_off'], 'before_headers');
  });

/** Begins an answer in each way that a server has. The last of these streams have ended, and wait for their reader. */
const BEGUN: Readonly<Record<string, (reply: FastifyReply) => unknown>> = {
  '/endless': () => Readable.from(endless()),
  '/web': () => Readable.toWeb(Readable.from(endless())),
  '/cancelled': ({ raw }) => {
    const left = new AbortController();
    raw.on('close', () => left.abort());
    return addAbortSignal(left.signal, Readable.from(endless()));
  },
  '/pipeline': (reply) => void pipeline(Readable.from(endless()), reply.hijack().raw, () => {}),
  '/events': (reply) => void reply.hijack().raw.writeHead(200, TYPE).write('data: 1\n\n'),
  '/implicit': (reply) => void reply.hijack().raw.write(Buffer.from('data: 1\n\n')),
  '/failing': (reply) => void reply.hijack().raw.writeHead(503, TYPE).write('data: 1\n\n'),
  '/length': (reply) => reply.header('content-length', 1e6).send(Readable.from(endless())),
  '/head': (reply) => void reply.hijack().raw.writeHead(200, { 'Content-Length': 1e6 }).write('more'),
  '/list': (reply) =>
    void reply
      .hijack()
      .raw.writeHead(200, ['content-length', '9'] as never)
      .write('more'),
  '/download': () => LARGE,
  '/ended': (reply) => void reply.hijack().raw.writeHead(200, TYPE).end(LARGE),
  '/late': ({ raw }) => once(raw, 'close'),
};
const TYPE = { 'content-type': 'text/event-stream' };
const LARGE = Buffer.alloc(50_000_000);

/** Status, status of the span and `error.type` where a client leaves; `[200, UNSET]` where its reader has what it wanted. */
const LEFT: Readonly<Record<string, readonly [status: number | undefined, code: number, error?: string]>> = {
  '/failing': [503, ERROR, '503'],
  '/late': [undefined, SpanStatusCode.UNSET, 'client_disconnected'],
};
const LENGTH = ['/length', '/head', '/list', '/download', '/ended'];

for (const version of ['HTTP/1', 'HTTP/2'])
  t.test(`a client that leaves is not an error of a server of ${version}`, async (t) => {
    const isSecond = version === 'HTTP/2';
    const arrived = new EventEmitter();
    const addRoutes = (app: FastifyInstance) => {
      app.addHook('onRequest', async () => void arrived.emit('request'));
      for (const [path, begin] of Object.entries(BEGUN)) app.get(path, (_request, reply) => begin(reply));
    };
    const server = isSecond ? ({ http2: true } as object) : {};
    const { url, port, serverSpans } = await start(t, addRoutes, { server });
    // Node's HTTP/2 takes no list of names and values.
    const paths = Object.keys(BEGUN).filter((path) => !isSecond || path !== '/list');
    for (const [index, path] of paths.entries()) {
      const at = path === '/late' ? once(arrived, 'request') : undefined;
      const leave = isSecond ? await getOverHttp2(url, path, at) : await getOverHttp1(port, path, at);
      leave();
      const span = (await serverSpans(index + 1))[index] as ReadableSpan;
      const cut = [200, SpanStatusCode.UNSET, ...(LENGTH.includes(path) ? ['client_disconnected'] : [])];
      const { status, code, error } = result(span);
      t.same([status, code, ...(error === undefined ? [] : [error])], LEFT[path] ?? cut, path);
      t.equal(span.attributes['tandem.response.cut_off'], at ? 'before_headers' : 'in_body', path);
    }
  });

/** Asks, waits for the first bytes of the answer, or until `at`, and returns how to leave. */
async function getOverHttp1(port: number, path: string, at?: Promise<unknown>): Promise<() => void> {
  const socket = connect(port, '127.0.0.1');
  socket.write(`GET ${path} HTTP/1.1\r\nhost: a\r\n\r\n`);
  await (at ?? once(socket, 'data'));
  return () => (at ? socket.destroy() : socket.resetAndDestroy());
}

async function getOverHttp2(url: string, path: string, at?: Promise<unknown>): Promise<() => void> {
  const session = connectHttp2(url);
  const stream = session.request({ ':path': path });
  await (at ?? once(stream, 'data'));
  return () => {
    stream.close(constants.NGHTTP2_CANCEL);
    session.close();
  };
}

for (const version of ['HTTP/1', 'a pipeline of HTTP/1', 'HTTP/2'])
  t.test(`a handler that goes on after its client left tells until when, over ${version}`, async (t) => {
    const isSecond = version === 'HTTP/2';
    const arrived = new EventEmitter();
    const finishing = Promise.withResolvers<void>();
    const { url, port, serverSpans, telemetry } = await start(
      t,
      (app) => {
        app.get('/late', async () => {
          arrived.emit('request');
          await finishing.promise;
          return 'ok';
        });
      },
      { server: isSecond ? ({ http2: true } as object) : {} },
    );
    const count = version.startsWith('a pipeline') ? 3 : 1;
    const at = once(arrived, 'request');
    let leave: () => void;
    if (count === 1)
      leave = await (isSecond ? getOverHttp2(url, '/late', at) : getOverHttp1(port, '/late', at));
    else {
      const socket = connect(port, '127.0.0.1');
      socket.write(GET.repeat(count));
      await at;
      leave = () => socket.destroy();
    }
    leave();
    await serverSpans(count);
    await delay(60);
    finishing.resolve();
    const more = () => telemetry.spans().filter(({ name }) => name === 'work after the client left');
    await until(() => more().length === count);
    const ids = (await serverSpans(count)).map((span) => span.spanContext().spanId);
    t.same(
      more()
        .map((span) => span.parentSpanContext?.spanId)
        .toSorted(),
      ids.toSorted(),
    );
  });

t.test('a stream that fails on this side', async (t) => {
  async function* broken() {
    yield 'some';
    await delay(5);
    throw new RangeError('out of data');
  }
  const failing = () => Readable.from(broken());
  const { url, serverSpans } = await start(t, (app) => {
    app.get('/node', async () => failing());
    app.get('/web', async () => Readable.toWeb(failing()));
  });
  for (const path of ['/node', '/web']) {
    await t.rejects(fetch(url + path).then((response) => response.text()));
  }
  const [node, web] = await serverSpans(2);
  t.match(node && result(node), { status: 200, code: ERROR, error: 'RangeError' });
  t.equal(node?.events[0]?.attributes?.['exception.message'], 'out of data');
  t.match(web && result(web), { status: 200, code: ERROR, error: 'response_destroyed' });
});

t.test('a stream of HTTP/2 that fails on this side', async (t) => {
  const { url, serverSpans } = await start(
    t,
    (app) => {
      app.get('/body', async () =>
        Readable.from(endless()).once('data', function fail(this: Readable) {
          this.destroy(new RangeError('out of data'));
        }),
      );
      app.get('/destroyed', (_request, reply) => {
        reply.hijack().raw.write('some', () => reply.raw.destroy());
      });
    },
    { server: { http2: true } as object },
  );
  const session = connectHttp2(url);
  for (const path of ['/body', '/destroyed'])
    await once(
      session
        .request({ ':path': path })
        .on('error', () => {})
        .resume(),
      'close',
    );
  session.close();
  const [body, destroyed] = await serverSpans(2);
  t.match(body && result(body), { status: 200, code: ERROR, error: 'RangeError' });
  t.match(destroyed && result(destroyed), { status: 200, code: ERROR, error: 'response_destroyed' });
});

t.test('a span of a streamed body, and of a hijacked reply, ends when the body does', async (t) => {
  const finishing = Promise.withResolvers<void>();
  async function* slow() {
    yield 'a';
    await finishing.promise;
    yield 'b';
  }
  const { url, openSpans, serverSpans } = await start(t, (app) => {
    app.get('/streamed', async () => Readable.from(slow()));
    app.get('/hijacked', async (_request, reply) => {
      reply.hijack();
      reply.raw.writeHead(202);
      reply.raw.write('a');
      finishing.promise.then(() => reply.raw.end('b'));
    });
  });
  const responses = [await fetch(`${url}/streamed`), await fetch(`${url}/hijacked`)];
  t.equal(openSpans.open.size, 2, 'still open while the bodies are sent');
  finishing.resolve();
  for (const response of responses) t.equal(await response.text(), 'ab');
  t.same(
    (await serverSpans(2)).map(({ attributes }) => attributes['http.response.status_code']).sort(),
    [200, 202],
  );
});

t.test('an upgraded connection makes no span', async (t) => {
  const { app, port, telemetry } = await start(t, (app) => {
    app.server.on('upgrade', (_request, socket) => {
      socket.end('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n');
    });
    app.get('/', async () => 'ok');
  });
  const answer = await exchange(
    port,
    'GET / HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n',
  );
  t.match(answer, /^HTTP\/1.1 101/);
  t.same(telemetry.spans(), []);
  t.ok(app.server.listening);
});

t.test('an upgrade that the server does not take is an ordinary request', async (t) => {
  const { port, serverSpan } = await start(t);
  await exchange(port, 'GET / HTTP/1.1\r\nhost: a\r\nconnection: upgrade, close\r\nupgrade: h2c\r\n\r\n');
  t.match(result(await serverSpan()), { name: 'GET /', status: 200 });
});

t.test('every request of a pipeline ends, also requests that were never answered', async (t) => {
  const { port, openSpans, serverSpans } = await start(t, (app) => {
    app.get('/', async () => 'ok');
    app.get('/stuck', () => new Promise(() => {}));
  });
  const get = (path: string) => `GET ${path} HTTP/1.1\r\nhost: a\r\n\r\n`;
  const socket = connect(port, '127.0.0.1');
  socket.write(get('/') + get('/stuck') + get('/').repeat(12));
  await until(() => openSpans.ends === 1 && openSpans.open.size === 13);
  socket.destroy();
  const spans = await serverSpans(14);
  t.equal(spans.filter((span) => span.attributes['error.type'] === 'client_disconnected').length, 13);
});

t.test('keep-alive requests after each other', async (t) => {
  const { port, serverSpans } = await start(t);
  const get = 'GET / HTTP/1.1\r\nhost: a\r\n\r\n';
  await exchange(port, get, get + get, get.replace('\r\n\r\n', '\r\nconnection: close\r\n\r\n'));
  const spans = await serverSpans(4);
  t.equal(new Set(spans.map((span) => span.spanContext().traceId)).size, 4);
});

t.test('requests refused while the server closes', async (t) => {
  const finishing = Promise.withResolvers<string>();
  const addRoute = (app: FastifyInstance) => void app.get('/', () => finishing.promise);
  const server = { forceCloseConnections: false };
  const { app, port, openSpans, serverSpans } = await start(t, addRoute, { server });
  const get = 'GET / HTTP/1.1\r\nhost: a\r\n\r\n';
  const socket = connect(port, '127.0.0.1');
  const closed = once(socket, 'close');
  socket.resume();
  socket.write(get);
  await until(() => openSpans.open.size === 1);
  const closing = app.close();
  await until(() => !app.server.listening);
  socket.write(get);
  await until(() => openSpans.open.size === 2);
  finishing.resolve('ok');
  await closing;
  await closed;
  const spans = await serverSpans(2);
  t.same(spans.map((span) => span.attributes['http.response.status_code']).sort(), [200, 503]);
});

t.test('a request by app.inject ends with the status of its answer', async (t) => {
  const { app, serverSpans } = await start(t, (app) => {
    app.get('/fine', async () => 'ok');
    app.get('/fails', async () => {
      throw new Error('no');
    });
    app.get('/cut', (_request, reply) => void reply.raw.destroy());
  });
  await app.inject('/fine');
  await app.inject('/fails');
  await app.inject('/cut').catch(() => {});
  const [fine, fails, cut] = await serverSpans(3);
  t.equal(fine?.status.code, SpanStatusCode.UNSET);
  t.equal(fine?.attributes['http.response.status_code'], 200);
  t.equal(fine?.attributes['error.type'], undefined);
  t.match(fails?.status, { code: SpanStatusCode.ERROR, message: 'no' });
  t.equal(cut?.attributes['error.type'], 'response_destroyed');
});
