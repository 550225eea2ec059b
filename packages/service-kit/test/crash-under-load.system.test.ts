import { setTimeout as sleep } from 'node:timers/promises';
import { startOtlpReceiver } from '@tandem/otlp/testing';
import t from 'tap';
import { loadUntilGone } from '../../../test/helpers/load/load-until-gone.ts';
import { IS_NIGHT } from '../../../test/helpers/nightly.ts';
import { startNode, untilOutput } from '../../../test/helpers/processes.ts';

// At night too: for a rejection.

// Each test is a process, which mostly waits.
t.jobs = 2;

/** A service: each request writes a line and takes some milliseconds. Request 200 causes an unhandled error and hangs. */
const service = (crash: string) => `
  import { setTimeout as sleep } from 'node:timers/promises';
  import { telemetry } from '@tandem/service-kit/register';
  import { createServer, runService } from '@tandem/service-kit';
  let count = 0;
  const readConfig = () => ({ host: '127.0.0.1', port: 0, logLevel: 'info' });
  await runService(telemetry, readConfig, (_config, runtime) => createServer({
      title: 'crashing', description: 'A service that crashes.', version: '0.0.0', rateLimitMax: 1e6, settings: {}, runtime,
      checkDatabase: async () => {},
      api(api) {
        api.get('/work/:id', async ({ params: { id } }) => {
          runtime.logger.info({ request: Number(id) }, 'working');
          if (++count === 200) {
            setTimeout(() => {
              runtime.logger.warn('just before');
              ${crash};
            });
            await new Promise(() => {});
          }
          await sleep(5);
          return {};
        });
      },
  }));
`;

const WAYS = [
  ['exception', `throw new TypeError('boom')`],
  ['rejection', `Promise.reject(new TypeError('boom'))`],
] as const;

for (const [how, crash] of IS_NIGHT ? WAYS : WAYS.slice(0, 1))
  t.test(
    `an uncaught ${how} under load: answered requests have their spans and lines, and the hanging request has its error`,
    { buffered: true },
    async (t) => {
      const receiver = await startOtlpReceiver();
      t.teardown(() => receiver.close());
      // Long enough for many answers while the last spans are sent, if the service still answered.
      receiver.answer = () => sleep(300, { status: 200 });
      const child = startNode(
        'packages/service-kit',
        ['--import', '@tandem/service-kit/register', '--input-type=module', '--eval', service(crash)],
        {
          OTEL_SERVICE_NAME: 'crashing',
          OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
          DATA_DIR: t.testdir(),
        },
      );
      await untilOutput(child, /listening at http:[^"]+"/);
      const url = /listening at (http:[^"]+)"/.exec(child.output())?.[1];
      const answered = await loadUntilGone(`${url}/api/work/`);
      t.equal(await child.exited, 1);
      t.ok(answered.length >= 190, `${answered.length} requests were answered`);
      const records = receiver.logRecords();
      t.ok(records.some(({ body }) => body === 'just before'));
      t.match(
        records.find(({ severityNumber }) => severityNumber === 21),
        {
          body: 'uncaught error: the process ends',
          attributes: { 'exception.type': 'TypeError', 'exception.message': 'boom' },
        },
      );
      const spans = receiver.spans().filter(({ kind }) => kind === 'SERVER');
      const paths = new Set(spans.map(({ attributes }) => attributes['url.path']));
      const lines = new Set(records.map(({ attributes }) => attributes.request));
      const without = (isThere: (request: number) => boolean) =>
        answered.filter((request) => !isThere(request));
      t.strictSame(
        without((request) => paths.has(`/api/work/${request}`)),
        [],
        'spans',
      );
      t.strictSame(
        without((request) => lines.has(request)),
        [],
        'lines',
      );
      const cut = spans.filter(({ attributes }) => 'tandem.response.cut_off' in attributes);
      t.match(cut, [
        {
          status: 2,
          attributes: { 'http.route': '/api/work/:id', 'error.type': 'TypeError' },
          events: [{ name: 'exception', attributes: { 'exception.message': 'boom' } }],
        },
      ]);
    },
  );
