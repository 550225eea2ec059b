import { startOtlpReceiver } from '@tandem/otlp/testing';
import t from 'tap';
import { startTraced } from '../child-process.ts';

t.jobs = 2;

/** Like fastify-cli and close-with-grace, calls `process.exit()` as soon as the server is closed. */
const SCRIPT = `
  import { fastifyTracing } from '@tandem/telemetry';
  import Fastify from 'fastify';
  const app = Fastify({ logger: true });
  await app.register(fastifyTracing);
  app.addHook('onClose', () => withSpan('closing', {}, async () => {}));
  app.get('/', async ({ log }) => void log.info('asked') ?? 'ok');
  const origin = await app.listen({ host: '127.0.0.1', port: 0 });
  await (await fetch(origin)).text();
  await app.close();
  process.exit(0);
`;

/** Batches wait in memory for a minute. */
const SLOW = { OTEL_BSP_SCHEDULE_DELAY: '60000', OTEL_BLRP_SCHEDULE_DELAY: '60000' };
const NAMES = ['GET', 'GET /', 'closing'];

t.test('a server that has closed has sent its spans and lines', { buffered: true }, async (t) => {
  const receiver = await startOtlpReceiver();
  t.teardown(() => receiver.close());
  const child = startTraced(SCRIPT, {
    ...SLOW,
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
    DATA_DIR: t.testdir(),
  });
  t.equal(await child.exited, 0, child.output());
  t.same(receiver.accepted.toSorted(), NAMES);
  t.ok(receiver.acceptedLogs.includes('asked'), receiver.acceptedLogs.join('\n'));
});

t.test('a backend that does not answer keeps no server from closing', { buffered: true }, async (t) => {
  const receiver = await startOtlpReceiver();
  t.teardown(() => receiver.close());
  receiver.answer = () => 'hang';
  const env = { ...SLOW, OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, DATA_DIR: t.testdir() };
  const child = startTraced(SCRIPT, env);
  t.equal(await child.exited, 0, child.output());
  receiver.answer = () => ({ status: 200 });
  const successor = startTraced('', env);
  t.equal(await successor.exited, 0, successor.output());
  t.same(receiver.accepted.toSorted(), NAMES);
});
