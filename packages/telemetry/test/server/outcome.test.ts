import { once } from 'node:events';
import { connect } from 'node:net';
import { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { SpanStatusCode } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';
import t from 'tap';
import { until } from '../../../../test/helpers/until.ts';
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

t.test('a thrown error that becomes a 5xx is an exception event and error.type', async (t) => {
  const { url, serverSpan } = await start(t, (app) => {
    app.get('/', async () => {
      throw new TypeError('no such thing');
    });
  });
  t.equal((await fetch(url)).status, 500);
  const span = await serverSpan();
  t.same(result(span), { name: 'GET /', status: 500, route: '/', code: ERROR, error: 'TypeError' });
  const [event] = span.events;
  t.equal(span.events.length, 1);
  t.equal(event?.name, 'exception');
  t.equal(event?.attributes?.['exception.type'], 'TypeError');
  t.equal(event?.attributes?.['exception.message'], 'no such thing');
  t.match(event?.attributes?.['exception.stacktrace'], /outcome\.test\.ts/);
});

t.test('a 5xx without a thrown error has its status as error.type and no event', async (t) => {
  const { url, serverSpan } = await start(t, (app) => {
    app.get('/', async (_request, reply) => reply.code(503).send('busy'));
  });
  await (await fetch(url)).text();
  const span = await serverSpan();
  t.same(result(span), { name: 'GET /', status: 503, route: '/', code: ERROR, error: '503' });
  t.same(span.events, []);
});

t.test('4xx leaves the status unset, thrown or sent', async (t) => {
  const { url, serverSpans } = await start(t, (app) => {
    app.get('/sent', async (_request, reply) => reply.code(405).send('no'));
    app.get('/thrown', async () => {
      throw Object.assign(new Error('gone'), { statusCode: 410 });
    });
    app.setErrorHandler((_error, _request, reply) => reply.code(422).send('mapped'));
  });
  await (await fetch(`${url}/sent`)).text();
  await (await fetch(`${url}/thrown`)).text();
  const spans = await serverSpans(2);
  t.same(spans.map(result), [
    { name: 'GET /sent', status: 405, route: '/sent', code: 0 },
    { name: 'GET /thrown', status: 422, route: '/thrown', code: 0 },
  ]);
  t.same(spans[1]?.events, []);
});

for (const hook of ['onRequest', 'preParsing', 'preValidation', 'preHandler', 'onSend'] as const) {
  t.test(`an error thrown in ${hook} is recorded`, async (t) => {
    const { url, serverSpan } = await start(t, (app) => {
      let failed = false;
      const fail = async () => {
        if (failed) return;
        failed = true;
        throw Object.assign(new Error(hook), { code: 'E_HOOK' });
      };
      // Each call has the types of one hook.
      if (hook === 'onRequest') app.addHook('onRequest', fail);
      else if (hook === 'preParsing') app.addHook('preParsing', fail);
      else if (hook === 'preValidation') app.addHook('preValidation', fail);
      else if (hook === 'preHandler') app.addHook('preHandler', fail);
      else app.addHook('onSend', fail);
      app.get('/', async () => 'ok');
    });
    t.equal((await fetch(url)).status, 500);
    const span = await serverSpan();
    t.same(result(span), { name: 'GET /', status: 500, route: '/', code: ERROR, error: 'E_HOOK' });
    t.equal(span.events.length, 1);
  });
}

t.test('a thrown value that is no Error is an exception event too', async (t) => {
  const { url, serverSpans } = await start(t, (app) => {
    app.get('/text', () => Promise.reject('just text'));
    app.get('/null', () => Promise.reject(null));
  });
  await (await fetch(`${url}/text`)).text();
  await (await fetch(`${url}/null`)).text();
  const spans = await serverSpans(2);
  t.same(
    spans.map((span) => span.status.code),
    [ERROR, ERROR],
  );
  t.equal(spans[0]?.events[0]?.attributes?.['exception.message'], 'just text');
});

t.test('no route: the name is the method alone', async (t) => {
  const { url, serverSpans } = await start(t, (app) => {
    app.get('/', async () => 'ok');
  });
  await (await fetch(`${url}/nowhere?x=1`)).text();
  await (await fetch(url, { method: 'DELETE' })).text();
  const spans = await serverSpans(2);
  t.same(spans.map(result), [
    { name: 'GET', status: 404, route: undefined, code: 0 },
    { name: 'DELETE', status: 404, route: undefined, code: 0 },
  ]);
  t.equal(spans[0]?.attributes['url.path'], '/nowhere');
});

t.test('methods that the conventions do not know are _OTHER', async (t) => {
  const { url, serverSpan } = await start(t, (app) => {
    app.get('/', async () => 'ok');
  });
  await (await fetch(url, { method: 'PROPFIND' })).text();
  const span = await serverSpan();
  t.equal(span.name, 'HTTP');
  t.equal(span.attributes['http.request.method'], '_OTHER');
  t.equal(span.attributes['http.request.method_original'], 'PROPFIND');
});

t.test('HEAD has a span of its own name', async (t) => {
  const { url, serverSpan } = await start(t, (app) => {
    app.get('/', async () => 'ok');
  });
  await fetch(url, { method: 'HEAD' });
  t.same(result(await serverSpan()), { name: 'HEAD /', status: 200, route: '/', code: 0 });
});

t.test('requests that the router rejects without any hook have a span', async (t) => {
  const { url, serverSpans } = await start(t, (app) => {
    app.get('/:id', async () => 'ok');
  });
  t.equal((await fetch(`${url}/%zz?sig=1`)).status, 400);
  t.equal((await fetch(`${url}/${'x'.repeat(200)}`)).status, 414);
  const spans = await serverSpans(2);
  t.same(spans.map(result), [
    { name: 'GET', status: 400, route: undefined, code: 0 },
    { name: 'GET', status: 414, route: undefined, code: 0 },
  ]);
  t.equal(spans[0]?.attributes['url.path'], '/%zz');
  t.equal(spans[0]?.attributes['url.query'], 'sig=REDACTED');
});

t.test('a body that cannot be parsed is the route’s 4xx', async (t) => {
  const { url, serverSpans } = await start(t, (app) => {
    app.post('/', { bodyLimit: 10 }, async () => 'ok');
  });
  const post = (type: string, body: string) =>
    fetch(url, { method: 'POST', headers: { 'content-type': type }, body }).then((r) => r.text());
  await post('application/json', '{"a');
  await post('application/json', `"${'x'.repeat(20)}"`);
  await post('text/nothing', 'x');
  const spans = await serverSpans(3);
  t.same(
    spans.map((span) => [span.name, span.attributes['http.response.status_code'], span.status.code]),
    [
      ['POST /', 400, 0],
      ['POST /', 413, 0],
      ['POST /', 415, 0],
    ],
  );
});

t.test('a client that disconnects before the answer', async (t) => {
  const arrived = Promise.withResolvers<void>();
  const { port, serverSpan } = await start(t, (app) => {
    app.get('/', async (request) => {
      arrived.resolve();
      await once(request.raw.socket, 'close');
      return 'too late';
    });
  });
  const socket = connect(port, '127.0.0.1');
  socket.write('GET / HTTP/1.1\r\nhost: a\r\n\r\n');
  await arrived.promise;
  socket.destroy();
  const span = await serverSpan();
  t.same(result(span), {
    name: 'GET /',
    status: undefined,
    route: '/',
    code: ERROR,
    error: 'client_disconnected',
  });
  t.equal(span.attributes['tandem.response.cut_off'], 'before_headers');
});

t.test('a client that disconnects in the middle of a stream', async (t) => {
  const { port, serverSpan } = await start(t, (app) => {
    app.get('/', async () =>
      Readable.from(
        (async function* tenSeconds() {
          for (let count = 0; count < 2_000; count++) {
            await delay(5);
            yield 'more ';
          }
        })(),
      ),
    );
  });
  const socket = connect(port, '127.0.0.1');
  socket.write('GET / HTTP/1.1\r\nhost: a\r\n\r\n');
  await once(socket, 'data');
  socket.resetAndDestroy();
  const span = await serverSpan();
  t.same(result(span), { name: 'GET /', status: 200, route: '/', code: ERROR, error: 'client_disconnected' });
  t.equal(span.attributes['tandem.response.cut_off'], 'in_body');
});

t.test('a request body that is cut off', async (t) => {
  const arrived = Promise.withResolvers<void>();
  const { port, serverSpan } = await start(t, (app) => {
    app.addHook('onRequest', async () => arrived.resolve());
    app.post('/', async () => 'ok');
  });
  const socket = connect(port, '127.0.0.1');
  socket.write(
    'POST / HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 50\r\n\r\n{"a"',
  );
  await arrived.promise;
  socket.destroy();
  t.equal(result(await serverSpan()).error, 'client_disconnected');
});

t.test('a request body that stops being HTTP', async (t) => {
  const { port, serverSpan } = await start(t, (app) => {
    app.post('/', async () => 'ok');
  });
  const head =
    'POST / HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n';
  await exchange(port, head, 'not a chunk\r\n');
  const span = await serverSpan();
  t.match(result(span), { code: ERROR, error: /^HPE_/ });
});

t.test('a stream that fails on this side', async (t) => {
  const failing = () =>
    Readable.from(
      (async function* broken() {
        yield 'some';
        await delay(5);
        throw new RangeError('out of data');
      })(),
    );
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

t.test('a span of a streamed body ends when the body does', async (t) => {
  let finish = () => {};
  const { url, openSpans, serverSpan } = await start(t, (app) => {
    app.get('/', async () =>
      Readable.from(
        (async function* slow() {
          yield 'a';
          await new Promise<void>((resolve) => {
            finish = resolve;
          });
          yield 'b';
        })(),
      ),
    );
  });
  const response = await fetch(url);
  t.equal(openSpans.open.size, 1, 'still open while the body is sent');
  finish();
  t.equal(await response.text(), 'ab');
  t.same(result(await serverSpan()), { name: 'GET /', status: 200, route: '/', code: 0 });
});

t.test('a hijacked reply ends with its raw response', async (t) => {
  let finish = () => {};
  const { url, openSpans, serverSpan } = await start(t, (app) => {
    app.get('/', async (_request, reply) => {
      reply.hijack();
      reply.raw.writeHead(202);
      reply.raw.write('a');
      finish = () => reply.raw.end('b');
    });
  });
  const response = await fetch(url);
  t.equal(openSpans.open.size, 1, 'still open while the body is written');
  finish();
  t.equal(await response.text(), 'ab');
  t.same(result(await serverSpan()), { name: 'GET /', status: 202, route: '/', code: 0 });
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
  const { port, serverSpan } = await start(t, (app) => {
    app.get('/', async () => 'ok');
  });
  await exchange(port, 'GET / HTTP/1.1\r\nhost: a\r\nconnection: upgrade, close\r\nupgrade: h2c\r\n\r\n');
  t.match(result(await serverSpan()), { name: 'GET /', status: 200 });
});

t.test('a connection that is idle for too long', async (t) => {
  const { port, serverSpan } = await start(
    t,
    (app) => {
      app.get('/', () => new Promise(() => {}));
    },
    { server: { connectionTimeout: 50 } },
  );
  await exchange(port, 'GET / HTTP/1.1\r\nhost: a\r\n\r\n');
  t.match(result(await serverSpan()), { status: undefined, code: ERROR, error: 'timeout' });
});

t.test('a handler that takes longer than handlerTimeout', async (t) => {
  const { url, serverSpan } = await start(t, (app) => {
    app.get('/', { handlerTimeout: 20 }, () => new Promise(() => {}));
  });
  await (await fetch(url)).text();
  t.match(result(await serverSpan()), { status: 503, code: ERROR, error: 'FST_ERR_HANDLER_TIMEOUT' });
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
  const { port, serverSpans } = await start(t, (app) => {
    app.get('/', async () => 'ok');
  });
  const get = 'GET / HTTP/1.1\r\nhost: a\r\n\r\n';
  await exchange(port, get, get + get, get.replace('\r\n\r\n', '\r\nconnection: close\r\n\r\n'));
  const spans = await serverSpans(4);
  t.equal(new Set(spans.map((span) => span.spanContext().traceId)).size, 4);
});

t.test('requests refused while the server closes', async (t) => {
  let finish = () => {};
  const { app, port, openSpans, serverSpans } = await start(
    t,
    (app) => {
      app.get('/', async () => {
        await new Promise<void>((resolve) => {
          finish = resolve;
        });
        return 'ok';
      });
    },
    { server: { forceCloseConnections: false } },
  );
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
  finish();
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

const LIMITED = {
  requestTimeout: 100,
  http: { connectionsCheckingInterval: 50, headersTimeout: 50 }, // not among the options of every kind of server
};

t.test('a request body that does not arrive in time', async (t) => {
  const { port, serverSpan } = await start(
    t,
    (app) => {
      app.post('/', async () => 'never');
    },
    { server: LIMITED },
  );
  const socket = connect(port, '127.0.0.1');
  socket.write('POST / HTTP/1.1\r\nhost: a\r\ncontent-type: text/plain\r\ncontent-length: 2\r\n\r\na');
  t.match(result(await serverSpan()), { code: ERROR, error: 'timeout' });
  socket.destroy();
});
