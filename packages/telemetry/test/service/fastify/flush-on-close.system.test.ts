import t from 'tap';
import { runTraced } from '../../child-process.ts';
import { startReceiver } from '../../receiver.ts';

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

t.test('a server that has closed has sent its spans and lines', async (t) => {
  const receiver = await startReceiver(t);
  await runTraced(t, SCRIPT, { ...SLOW, OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url });
  t.same([...new Set(receiver.accepted)].toSorted(), NAMES);
  t.ok(receiver.acceptedLogs.includes('asked'), receiver.acceptedLogs.join('\n'));
});

t.test('a backend that does not answer keeps no server from closing', async (t) => {
  const receiver = await startReceiver(t, 'hang');
  const env = { ...SLOW, OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, DATA_DIR: t.testdir() };
  await runTraced(t, SCRIPT, env);
  receiver.answer = () => ({ status: 200 });
  await runTraced(t, '', env);
  t.same([...new Set(receiver.accepted)].toSorted(), NAMES);
});
