import { startOtlpReceiver } from '@tandem/otlp/testing';
import t from 'tap';
import { IS_NIGHT } from '../../../../test/helpers/nightly.ts';
import { untilOutput } from '../../../../test/helpers/processes.ts';
import { until } from '../../../../test/helpers/until.ts';
import { logLines, startTraced } from '../child-process.ts';
import type { Test } from './harness.ts';
import { names, startDelivery, temporaryDirectory } from './harness.ts';

// Mostly waiting.
t.jobs = 3;

/** A spool in which a process has left a span, because its backend was down. */
async function leaveSpan(t: Test): Promise<string> {
  const directory = temporaryDirectory(t);
  const child = startTraced(`withSpan('earlier', {}, () => {}); process.exit(0);`, {
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1',
    DATA_DIR: directory,
  });
  await child.exited;
  return directory;
}

/** All are treated alike: of each three processes are started. */
const STATUSES = IS_NIGHT ? [404, 401, 403, 405, 308] : [401];

for (const status of STATUSES) {
  t.test(
    `what an earlier process left outlives a process whose backend answers ${status}`,
    { buffered: true },
    async (t) => {
      const receiver = await startOtlpReceiver();
      t.teardown(() => receiver.close());
      receiver.answer = ({ path }) => ({ status: path === '/v1/traces' ? 200 : status });
      const directory = await leaveSpan(t);
      const script = `
        for (let i = 0; i < 5; i++) {
          withSpan('live', {}, () => {});
          await new Promise((resolve) => setTimeout(resolve, 200));
        }
      `;
      const wrong = startTraced(script, {
        OTEL_EXPORTER_OTLP_ENDPOINT: `${receiver.url}/wrong`,
        OTEL_LOGS_EXPORTER: 'none',
        DATA_DIR: directory,
      });
      t.equal(await wrong.exited, 0, wrong.output());
      const asked = receiver.spans().filter(({ name }) => name === 'earlier').length;
      t.ok(asked <= 1, `it was offered ${asked} times`);
      const warnings = logLines(wrong).filter(({ msg }) => msg.includes(`${status}, `));
      t.match(warnings.at(-1)?.msg, /lost so far; 1 on disk are kept, and sent when this is mended\.$/);
      t.ok(warnings.length <= 2, 'said once, or twice when a live span was refused first');
      t.match(logLines(wrong).at(-1)?.msg, /Spans for otlp: 0 sent, 1 kept on disk .* 5 lost \(rejected 5\)/);

      const right = startTraced('', {
        OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
        DATA_DIR: directory,
      });
      t.equal(await right.exited, 0, right.output());
      t.same(receiver.accepted, ['earlier']);
    },
  );
}

t.test(
  'a backend that is mended while the process runs gets what was left',
  { buffered: true },
  async (t) => {
    const receiver = await startOtlpReceiver();
    t.teardown(() => receiver.close());
    receiver.answer = () => ({ status: 401 });
    const directory = await leaveSpan(t);
    const script = `setInterval(() => withSpan('live', {}, () => {}), 50);`;
    const child = startTraced(script, {
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      OTEL_LOGS_EXPORTER: 'none',
      DATA_DIR: directory,
    });
    await untilOutput(child, '1 on disk are kept');
    receiver.answer = () => ({ status: 200 });
    await receiver.waitFor(() => receiver.accepted.includes('earlier'));
    await child.stop();
    t.equal(receiver.accepted.filter((name) => name === 'earlier').length, 1);
  },
);

t.test(
  'what alone is refused, while others are taken, is given up, and what is behind it is sent',
  async (t) => {
    const receiver = await startOtlpReceiver();
    t.teardown(() => receiver.close());
    // As a firewall for web applications does that does not like a text.
    let isAway = true;
    receiver.answer = ({ spanNames }) =>
      isAway
        ? { status: 503, headers: { 'retry-after': '0' } }
        : { status: spanNames.includes('<script>') ? 403 : 200 };
    const batch = { maxQueueSize: 2048, maxExportBatchSize: 1, scheduleDelayMs: 10, exportTimeoutMs: 5_000 };
    const spool = { directory: temporaryDirectory(t) };
    const harness = startDelivery(t, { destinations: [{ url: receiver.tracesUrl }], spool, batch });
    const counters = () => harness.delivery.counters().destinations[0];
    harness.end('before', '<script>', ...names(20));
    await until(() => counters()?.spool?.items === 22);
    isAway = false;
    await until(
      () => {
        harness.end('live');
        return receiver.accepted.includes('span-19');
      },
      { everyMs: 50 },
    );
    t.same(
      receiver.accepted.filter((name) => name !== 'live'),
      ['before', ...names(20)],
    );
    t.equal(counters()?.lost.rejected, 1);
    t.ok(harness.isBalanced());
  },
);
