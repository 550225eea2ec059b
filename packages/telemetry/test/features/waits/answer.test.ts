import type { RequestListener } from 'node:http';
import { createServer, get } from 'node:http';
import { SpanKind } from '@opentelemetry/api';
import fastify from 'fastify';
import t from 'tap';
import { until } from '../../../../../test/helpers/until.ts';
import { traceHttpServers } from '../../../src/guest/node/http-server.ts';
import { fastifyTracing } from '../../../src/index.ts';
import { createTestTelemetry } from '../../../src/service/testing/index.ts';
import { ENGINE } from '../../engines.ts';
import { serve } from '../../serve.ts';

// Alone in its process: telemetry is registered for all tests.
const telemetry = createTestTelemetry({ engine: ENGINE, waits: true });
const stop = traceHttpServers();
t.teardown(async () => {
  stop();
  await telemetry.shutdown();
});

const STREAM = { 'tandem.response.streaming': true };
const LATER = { 'tandem.response.says_later': true };

/** What the span of the next answer says of it. */
async function answerOf(ask: () => void): Promise<Record<string, unknown>> {
  telemetry.reset();
  ask();
  await until(() => telemetry.spans().some(({ kind }) => kind === SpanKind.SERVER));
  const [span] = telemetry.spans().filter(({ kind }) => kind === SpanKind.SERVER);
  const own = Object.entries(span?.attributes ?? {}).filter(([name]) =>
    /^tandem\.response\.(?:streaming|says_later)$/.test(name),
  );
  return Object.fromEntries(own);
}

const EVENTS = { 'Content-Type': 'text/event-stream; charset=utf-8' };
const WAYS: Readonly<Record<string, readonly [RequestListener, object]>> = {
  'events by writeHead, until the client leaves': [
    (_, response) => void response.writeHead(200, EVENTS).write('data: 1\n\n'),
    STREAM,
  ],
  'events by setHeader': [
    (_, response) => {
      response.setHeader('content-type', 'text/event-stream').write('data: 1\n\n');
      response.end('data: 2\n\n');
    },
    STREAM,
  ],
  'events without chunks': [
    (_, response) => {
      response.setHeader('content-type', 'text/event-stream').removeHeader('transfer-encoding');
      response.write('data: 1\n\n');
      response.end();
    },
    STREAM,
  ],
  'events that are all there': [
    (_, response) => void response.setHeader('content-type', 'text/event-stream').end('data: 1\n\n'),
    {},
  ],
  'an answer that says when to come back': [
    (_, response) => void response.writeHead(503, ['Retry-After', '2']).end(),
    LATER,
  ],
  'a success that names a time': [
    (_, response) => void response.writeHead(202, ['Retry-After', '2']).end(),
    {},
  ],
  'a usual answer': [(_, response) => void response.end('text/event-stream\r\nretry-after: 2'), {}],
};

t.test('a span says that its answer is a stream of events, or asks to come back', async (t) => {
  for (const [name, [answer, expected]] of Object.entries(WAYS)) {
    const port = await serve(t, createServer(answer));
    const ask = () =>
      void get({ host: '127.0.0.1', port }, (response) => response.once('data', () => response.destroy()));
    t.same(await answerOf(ask), expected, name);
  }
});

t.test('so does one of Fastify', async (t) => {
  const app = fastify();
  await app.register(fastifyTracing);
  app.get('/', (_request, reply) => void reply.code(503).header('retry-after', '1').send('later'));
  t.teardown(() => app.close());
  t.same(await answerOf(() => void app.inject('/')), LATER, 'app.inject');
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  t.same(await answerOf(() => void fetch(url).then((response) => response.text())), LATER, 'a socket');
});
