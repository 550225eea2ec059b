import { connect } from 'node:net';
import { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { context, propagation, trace } from '@opentelemetry/api';
import { isTracingSuppressed } from '@opentelemetry/core';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import t from 'tap';
import { until } from '../../../../../test/helpers/until.ts';
import { withSpan } from '../../../src/common/with-span.ts';
import { activeTraceId } from '../../../src/road/logs/log-mixin.ts';
import { exchange, start } from './harness.ts';

const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';
const PARENT = `00-${TRACE_ID}-b7ad6b7169203331-01`;

t.test("the caller's context is the parent, and its baggage arrives", async (t) => {
  const { url, serverSpan } = await start(t, (app) => {
    app.get('/', async () => ({
      user: propagation.getActiveBaggage()?.getEntry('user.id')?.value,
    }));
  });
  const response = await fetch(url, { headers: { traceparent: PARENT, baggage: 'user.id=7' } });
  t.same(await response.json(), { user: '7' });
  const span = await serverSpan();
  t.equal(span.spanContext().traceId, TRACE_ID);
  t.equal(span.parentSpanContext?.spanId, 'b7ad6b7169203331');
  t.equal(span.parentSpanContext?.isRemote, true);
});

t.test('the context is active in every hook, the handler and the error handler', async (t) => {
  const seen: Record<string, string | undefined> = {};
  const note = (place: string): void => {
    seen[place] = activeTraceId();
  };
  const { url, serverSpans } = await start(t, (app) => {
    app.addHook('onRequest', (_request, _reply, done) => {
      note('onRequest');
      setTimeout(done, 1);
    });
    app.addHook('preParsing', async () => note('preParsing'));
    app.addHook('preValidation', async () => note('preValidation'));
    app.addHook('preHandler', async () => {
      await delay(1);
      note('preHandler');
    });
    app.addHook('preSerialization', async (_request, _reply, payload) => {
      note('preSerialization');
      return payload;
    });
    app.addHook('onSend', async () => note('onSend'));
    app.addHook('onResponse', async () => note('onResponse'));
    app.addHook('onError', async () => note('onError'));
    app.setErrorHandler(async (error, _request, reply) => {
      note('errorHandler');
      await delay(1);
      return reply.code(500).send({ message: String(error) });
    });
    app.post('/', async () => {
      note('handler');
      return { ok: true };
    });
    app.post('/fails', async () => {
      throw new Error('no');
    });
  });
  const request = {
    method: 'POST',
    headers: { traceparent: PARENT, 'content-type': 'application/json' },
    body: '{"a":1}',
  };
  await (await fetch(url, request)).text();
  await (await fetch(`${url}/fails`, request)).text();
  await serverSpans(2);
  t.same(Object.keys(seen).length, 10);
  for (const [place, traceId] of Object.entries(seen)) t.equal(traceId, TRACE_ID, place);
});

t.test('values that a hook adds to the context reach the handler, with a body and without', async (t) => {
  const { url, serverSpans } = await start(t, (app) => {
    app.addHook('onRequest', (_request, _reply, done) => {
      const baggage = propagation.createBaggage({ tenant: { value: 'blue' } });
      context.with(propagation.setBaggage(context.active(), baggage), done);
    });
    app.route({
      method: ['GET', 'POST'],
      url: '/',
      handler: async () => ({ tenant: propagation.getActiveBaggage()?.getEntry('tenant')?.value }),
    });
  });
  const withBody = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"a":1}' };
  t.same(await (await fetch(url)).json(), { tenant: 'blue' });
  t.same(await (await fetch(url, withBody)).json(), { tenant: 'blue' });
  await serverSpans(2);
});

t.test('the context outlives a body that comes in pieces on a reused connection', async (t) => {
  const seen: (string | undefined)[] = [];
  const note = () => seen.push(activeTraceId());
  const { port, serverSpans } = await start(t, (app) => {
    app.addContentTypeParser('text/lines', { parseAs: 'string' }, (_request, body, done) => done(null, body));
    app.addContentTypeParser('text/stream', (request, payload, done) => {
      // The body's events run in the connection's context, so a test binds the request's context.
      const bound = context.bind(request.opentelemetry().context, note);
      payload.on('data', bound);
      payload.on('end', () => done(null, undefined));
    });
    app.addHook('preValidation', async () => note());
    app.addHook('preHandler', async () => note());
    app.post('/', async () => {
      note();
      return 'ok';
    });
  });
  const ids = ['a', 'b', 'c'].map((digit) => digit.repeat(32));
  const head = (id: string | undefined, type: string, last = '') =>
    `POST / HTTP/1.1\r\nhost: a\r\ntraceparent: 00-${id}-b7ad6b7169203331-01\r\ncontent-type: ${type}\r\n${last}` +
    'transfer-encoding: chunked\r\n\r\n';
  await exchange(
    port,
    head(ids[0], 'application/json'),
    '4\r\n{"a"\r\n',
    '3\r\n:1}\r\n0\r\n\r\n',
    head(ids[1], 'text/lines'),
    '1\r\nx\r\n0\r\n\r\n',
    head(ids[2], 'text/stream', 'connection: close\r\n'),
    '1\r\nx\r\n',
    '0\r\n\r\n',
  );
  await serverSpans(3);
  // The next request may come while the one before is answered.
  t.same(seen.toSorted(), [...Array(3).fill(ids[0]), ...Array(3).fill(ids[1]), ...Array(4).fill(ids[2])]);
});

t.test('the context is active while a response streams', async (t) => {
  const seen = new Set<string | undefined>();
  async function* pieces() {
    for (let piece = 0; piece < 5; piece++) {
      await delay(1);
      seen.add(activeTraceId());
      yield 'x'.repeat(200_000);
    }
  }
  const addRoute = (app: FastifyInstance) => void app.get('/', async () => Readable.from(pieces()));
  const { url, serverSpan } = await start(t, addRoute);
  const body = await (await fetch(url, { headers: { traceparent: PARENT } })).text();
  t.equal(body.length, 1_000_000);
  await serverSpan();
  t.same([...seen], [TRACE_ID]);
});

t.test('a reply that another request sends stays in its own trace', async (t) => {
  const seen: string[] = [];
  const waiting: FastifyReply[] = [];
  const { url, serverSpans } = await start(t, (app) => {
    const note = (place: string, request: FastifyRequest) =>
      seen.push(`${place} ${request.url} ${activeTraceId()}`);
    app.addHook('onSend', async (request) => void note('onSend', request));
    app.addHook('onError', async (request) => void note('onError', request));
    app.addHook('onResponse', async (request) => void note('onResponse', request));
    app.get('/waits', (_request, reply) => void waiting.push(reply));
    app.get('/hijacks', (_request, reply) => void waiting.push(reply.hijack()));
    app.get('/sends', (_request, reply) => {
      waiting[0]?.send(new Error('sent elsewhere'));
      waiting[1]?.raw.end('ended elsewhere');
      reply.send('ok');
    });
  });
  const [one, two, three] = ['1', '2', '3'].map((digit) => digit.repeat(32)) as [string, string, string];
  const get = async (path: string, id: string) =>
    (await fetch(url + path, { headers: { traceparent: `00-${id}-b7ad6b7169203331-01` } })).text();
  const waits = get('/waits', one);
  await until(() => waiting.length === 1);
  const hijacks = get('/hijacks', three);
  await until(() => waiting.length === 2);
  await Promise.all([get('/sends', two), waits, hijacks]);
  await serverSpans(3);
  t.same(seen.sort(), [
    `onError /waits ${one}`,
    `onResponse /hijacks ${three}`,
    `onResponse /sends ${two}`,
    `onResponse /waits ${one}`,
    `onSend /sends ${two}`,
    `onSend /waits ${one}`,
  ]);
});

/** Sends a request, and closes the connection when the request has arrived. */
async function hangUp(port: number, arrived: Promise<void>): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  socket.write(`GET / HTTP/1.1\r\nhost: a\r\ntraceparent: ${PARENT}\r\n\r\n`);
  await arrived;
  socket.destroy();
}

t.test('hooks see their context when the client disconnects', async (t) => {
  const seen: string[] = [];
  const note = (place: string) => seen.push(`${place} ${activeTraceId()}`);
  const arrived = Promise.withResolvers<void>();
  const { port, serverSpan } = await start(t, async (app) => {
    app.addHook('onRequestAbort', (_request, done) => {
      note('app');
      done();
    });
    await app.register(async (plugin) => {
      plugin.addHook('onRequestAbort', async (_request) => void note('plugin'));
      plugin.get('/', {
        onRequestAbort: async (_request) => void note('route'),
        handler: async (_request, reply) => {
          reply.hijack();
          arrived.resolve();
        },
      });
    });
  });
  await hangUp(port, arrived.promise);
  await serverSpan();
  await until(() => seen.length === 3);
  t.same(seen, [`app ${TRACE_ID}`, `plugin ${TRACE_ID}`, `route ${TRACE_ID}`]);
});

t.test(
  'requests left out make no span, nor does anything below them, and they send nothing on',
  async (t) => {
    const handles: unknown[] = [];
    const sent: Record<string, string> = {};
    const { url, telemetry } = await start(t, (app) => {
      const handler = async (request: FastifyRequest) => {
        await delay(1);
        const { enabled, span, tracer, context: own, inject } = request.opentelemetry();
        handles.push({ enabled, span, isSuppressed: isTracingSuppressed(context.active()) });
        inject(sent);
        tracer.startSpan('child', {}, own).end();
        return withSpan('inner', {}, () => ({ recording: trace.getActiveSpan()?.isRecording() ?? false }));
      };
      app.get('/health/live', handler);
      app.get('/quiet', { config: { otel: false } }, handler);
    });
    for (const path of ['/health/live', '/health/live?x=1', '/quiet', '/health/none']) {
      await (await fetch(url + path, { headers: { traceparent: PARENT } })).text();
    }
    t.same(handles, Array(3).fill({ enabled: false, span: null, isSuppressed: true }));
    t.same(sent, {});
    t.same(telemetry.spans(), []);
  },
);

t.test('the option decides which requests are left out', async (t) => {
  const { url, serverSpan } = await start(
    t,
    (app) => {
      app.get('/health/live', async () => 'ok');
      app.get('/probe', async () => 'ok');
    },
    { tracing: { untraced: (request) => request.url === '/probe' } },
  );
  await (await fetch(`${url}/probe`)).text();
  await (await fetch(`${url}/health/live`)).text();
  t.equal((await serverSpan()).name, 'GET /health/live');
});

t.test('a request without a socket is below the active span, unless its headers name another', async (t) => {
  const { app, serverSpans } = await start(t, (app) => void app.get('/', async () => 'ok'));
  let active: string | undefined;
  await withSpan('a test', {}, async (span) => {
    active = span.spanContext().spanId;
    await app.inject('/');
    await app.inject({ url: '/', headers: { traceparent: PARENT } });
  });
  await app.inject('/');
  const parents = (await serverSpans(3)).map(({ parentSpanContext }) => parentSpanContext?.spanId);
  t.same(parents, [active, PARENT.split('-')[2], undefined]);
});
