import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { loadUntilGone } from '../../../test/helpers/load/load-until-gone.ts';
import { untilOutput } from '../../../test/helpers/processes.ts';
import { sendLeftovers, startTraced } from './child-process.ts';
import { startReceiver } from './receiver.ts';

// Each test is a process, which mostly waits.
t.jobs = 2;

/** A service whose requests write a line and take some milliseconds; the 200th causes an error that nobody handles. */
const service = (crash: string) => `
  import { setTimeout as sleep } from 'node:timers/promises';
  import { fastifyTracing } from '@tandem/telemetry';
  import { fastify } from 'fastify';
  import pino from 'pino';
  const log = pino();
  const app = fastify();
  await app.register(fastifyTracing);
  let count = 0;
  app.get('/work/:id', async ({ params: { id } }) => {
    log.info({ request: Number(id) }, 'working');
    await sleep(5);
    if (++count === 200) setTimeout(() => {
      log.warn('just before');
      ${crash};
    });
    return {};
  });
  console.log('at ' + await app.listen({ host: '127.0.0.1', port: 0 }));
`;

for (const [how, crash] of [
  ['exception', `throw new TypeError('boom')`],
  ['rejection', `Promise.reject(new TypeError('boom'))`],
] as const)
  t.test(
    `an uncaught ${how} under load: each request that was answered has its span and its line`,
    async (t) => {
      const receiver = await startReceiver(t);
      // Long enough for batches to be under way when the process ends.
      receiver.answer = () => sleep(300, { status: 200 });
      const environment = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, DATA_DIR: t.testdir() };
      const child = startTraced(service(crash), environment);
      await untilOutput(child, /at http:\S+\n/);
      const answered = await loadUntilGone(`${/at (\S+)/.exec(child.output())?.[1]}/work/`);
      t.equal(await child.exited, 1);
      t.ok(answered.length > 100, `${answered.length} requests were answered before the ${how}`);
      // What the process had no time to send is on disk, for the next one.
      await sendLeftovers(environment);
      const texts = receiver.logRecords().map(({ body }) => body);
      t.ok(texts.includes('just before'), 'the line before it');
      const spans = new Set(receiver.spans().map(({ attributes }) => attributes['url.path']));
      const lines = new Set(receiver.logRecords().map(({ attributes }) => attributes.request));
      t.strictSame(
        answered.filter((request) => !spans.has(`/work/${request}`)),
        [],
        'spans',
      );
      t.strictSame(
        answered.filter((request) => !lines.has(request)),
        [],
        'lines',
      );
    },
  );
