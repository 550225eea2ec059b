import t from 'tap';
import { IS_NIGHT } from '../../../../test/helpers/nightly.ts';
import { untilOutput } from '../../../../test/helpers/processes.ts';
import { until } from '../../../../test/helpers/until.ts';
import { logLines, runTraced, startTraced } from '../child-process.ts';
import { startReceiver } from '../receiver.ts';
import { deliverTo, names, temporaryDirectory } from '../road/delivery/harness.ts';

// At night too: with each status by which a backend refuses for good.

// The tests wait.
t.jobs = 3;

/** By day one status is enough, because the sender treats all alike. */
const STATUSES = IS_NIGHT ? [404, 401, 403, 405, 407, 415, 308] : [401];

for (const status of STATUSES)
  t.test(
    `spans outlive a process whose backend answers ${status}, and are sent by the next one`,
    async (t) => {
      const receiver = await startReceiver(t);
      receiver.answer = ({ path }) => ({ status: path === '/v1/traces' ? 200 : status });
      const directory = temporaryDirectory(t);
      const script = `
      for (let i = 0; i < 5; i++) {
        withSpan('kept ' + i, {}, () => {});
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
    `;
      const wrong = await runTraced(t, script, {
        OTEL_EXPORTER_OTLP_ENDPOINT: `${receiver.url}/wrong`,
        OTEL_LOGS_EXPORTER: 'none',
        DATA_DIR: directory,
      });
      const warnings = logLines(wrong).filter(({ msg }) => msg.includes(`${status}, `));
      t.match(warnings, [{ msg: /No spans lost so far\.$/ }]);
      t.equal(warnings.length, 1, 'said once a minute');
      t.match(logLines(wrong).at(-1)?.msg, /Spans for otlp: 0 sent, 5 kept on disk .* 0 lost\./);

      await runTraced(t, '', { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, DATA_DIR: directory });
      t.same([...new Set(receiver.accepted)], ['kept 0', 'kept 1', 'kept 2', 'kept 3', 'kept 4']);
    },
  );

t.test('a backend that is mended while the process runs gets the waiting spans', async (t) => {
  const receiver = await startReceiver(t, { status: 401 });
  const script = `withSpan('early', {}, () => {}); setInterval(() => withSpan('live', {}, () => {}), 50);`;
  const child = startTraced(script, {
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
    OTEL_LOGS_EXPORTER: 'none',
    DATA_DIR: temporaryDirectory(t),
  });
  await untilOutput(child, '401, ');
  receiver.answer = () => ({ status: 200 });
  await receiver.waitFor(() => receiver.accepted.includes('early'));
  await child.stop();
  t.equal(receiver.accepted.filter((name) => name === 'early').length, 1);
});

t.test('a batch that is answered with 403 waits behind other batches, which are sent', async (t) => {
  const receiver = await startReceiver(t);
  // Like a firewall that refuses a text.
  let isAway = true;
  receiver.answer = ({ spanNames }) => {
    if (isAway) return { status: 503 };
    return { status: spanNames.includes('<script>') ? 403 : 200 };
  };
  const batch = { maxExportBatchSize: 1, scheduleDelayMs: 10 };
  const dataDirectory = temporaryDirectory(t);
  const harness = deliverTo(t, receiver, { dataDirectory, batch });
  const counters = () => harness.counters();
  harness.end('before', '<script>', ...names(20));
  await until(() => counters()?.spool.items === 22);
  isAway = false;
  await until(() => receiver.accepted.length === 21);
  t.same(receiver.accepted, ['before', ...names(20)]);
  harness.end('live');
  await until(() => counters()?.exported === 22);
  t.match(counters(), { lost: { rejected: 0 } });
  t.ok(harness.isBalanced());
});
