import type { SecureClientSessionOptions } from 'node:http2';
import { connect, createServer } from 'node:http2';
import type { LookupFunction } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { until } from '../../../../../test/helpers/until.ts';
import { traceHttp2Clients } from '../../../src/guest/node/http2-client.ts';
import { traceHttp2Servers } from '../../../src/guest/node/http2-server.ts';
import { createTestTelemetry } from '../../../src/service/testing/index.ts';
import { ENGINE } from '../../engines.ts';
import { serve } from '../../serve.ts';

// Node 22.15, on which the fast tests run too, publishes nothing of HTTP/2.
t.test(
  'the first stream of a session has its time to connect, one beside it waits, a later one has neither',
  async (t) => {
    const telemetry = createTestTelemetry({ engine: ENGINE, waits: true });
    const stop = traceHttp2Clients();
    t.teardown(async () => {
      stop();
      await telemetry.shutdown();
    });
    const port = await serve(
      t,
      createServer((_, response) => response.end('ok')),
    );
    const { promise: asked, resolve: ask } = Promise.withResolvers<void>();
    const lookup: LookupFunction = (_name, { all }, done) =>
      void asked
        .then(() => sleep(300))
        .then(() => (all ? done(null, [{ address: '127.0.0.1', family: 4 }]) : done(null, '127.0.0.1', 4)));
    const session = connect(`http://slow.test:${port}`, { lookup } as SecureClientSessionOptions);
    t.teardown(() => session.destroy());
    const answers = [1, 2].map(() => text(session.request({ ':path': '/' })));
    ask();
    await Promise.all(answers);
    await text(session.request({ ':path': '/later' }));
    await until(() => telemetry.spans().length === 3);
    const parts = telemetry.spans().map(({ attributes }) => {
      // On a busy machine the loop may stand still meanwhile. That time is a stall, and not a part of the call.
      const stalled = Number(attributes['tandem.stalled_ms'] ?? 0);
      return ['connect', 'waiting'].filter((part) => {
        const ms = attributes[`tandem.call.${part}_ms`];
        return ms !== undefined && Number(ms) + stalled >= 290;
      });
    });
    t.same(parts.toSorted(), [[], ['connect'], ['waiting']]);
  },
);

t.test('a span says that its answer is a stream of events', async (t) => {
  const telemetry = createTestTelemetry({ engine: ENGINE, waits: true });
  const stop = traceHttp2Servers();
  t.teardown(async () => {
    stop();
    await telemetry.shutdown();
  });
  const server = createServer();
  server.on('stream', (stream) => {
    stream.respond({ ':status': 200, 'content-type': 'text/event-stream' });
    stream.end('data: 1');
  });
  const session = connect(`http://127.0.0.1:${await serve(t, server)}`);
  t.teardown(() => session.destroy());
  await text(session.request({ ':path': '/' }));
  await until(() => telemetry.spans().length === 1);
  t.match(telemetry.spans()[0]?.attributes, { 'tandem.response.streaming': true });
});
