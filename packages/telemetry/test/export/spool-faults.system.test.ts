import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, statSync, truncateSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { startOtlpReceiver } from '@tandem/otlp/testing';
import type { Test } from 'tap';
import t from 'tap';
import { until } from '../../../../test/helpers/until.ts';
import { names, startDelivery, temporaryDirectory } from './harness.ts';

/** Delivers to nobody with a spool that cannot be used, and sees that the spans wait in memory. */
async function spoolInVain(t: Test, directory: string) {
  const harness = startDelivery(t, {
    destinations: [{ url: 'http://127.0.0.1:1/v1/traces' }],
    spool: { directory },
  });
  for (let round = 0; round < 3; round++) {
    harness.end(...names(10));
    await harness.delivery.flush();
  }
  t.match(harness.delivery.counters().destinations, [{ queue: { items: 30 }, spooled: 0 }]);
  return harness;
}

t.test('a spool directory that cannot be made is reported once, and spans wait in memory', async (t) => {
  const directory = '/dev/null/spool';
  const harness = await spoolInVain(t, directory);
  t.equal(harness.logged.filter((line) => line.includes(directory)).length, 1);
  await harness.delivery.shutdown(0);
  t.match(harness.delivery.counters().destinations, [{ lost: { shutdown: 30 } }]);
});

t.test('a FIFO in the place of the spool is reported once, and spans wait in memory', async (t) => {
  for (const place of ['', 'test-service', 'test-service/destination-0']) {
    const directory = join(temporaryDirectory(t), 'spool');
    const planted = join(directory, place);
    mkdirSync(dirname(planted), { recursive: true });
    execFileSync('mkfifo', [planted]);
    const harness = await spoolInVain(t, directory);
    t.equal(harness.logged.filter((line) => line.includes(planted)).length, 1);
  }
});

t.test('of a file that was torn by a kill the whole batches are sent', async (t) => {
  const receiver = await startOtlpReceiver();
  t.teardown(() => receiver.close());
  receiver.answer = () => ({ status: 503, headers: { 'retry-after': '3600' } });
  const spool = { directory: temporaryDirectory(t) };
  const batch = { maxQueueSize: 2048, maxExportBatchSize: 5, scheduleDelayMs: 10, exportTimeoutMs: 5_000 };
  const first = startDelivery(t, { destinations: [{ url: receiver.tracesUrl }], spool, batch });
  first.end(...names(5));
  await until(() => first.delivery.counters().destinations[0]?.spool?.items === 5);
  first.end(...names(95, 'later'));
  await first.delivery.shutdown(0);
  const files = readdirSync(spool.directory, { recursive: true }) as string[];
  const file = join(
    spool.directory,
    files
      .filter((name) => name.endsWith('.spans'))
      .sort()
      .at(-1) ?? '',
  );
  truncateSync(file, statSync(file).size - 1);
  receiver.answer = () => ({ status: 200 });
  const second = startDelivery(t, { destinations: [{ url: receiver.tracesUrl }], spool });
  await until(() => second.delivery.counters().destinations[0]?.exported === 95);
  t.match(second.delivery.counters().destinations, [{ recovered: 95, spool: { items: 0 } }]);
  t.ok(second.isBalanced());
});

t.test('a spool directory removed while it is in use is made again', async (t) => {
  const directory = temporaryDirectory(t);
  const harness = startDelivery(t, {
    destinations: [{ url: 'http://127.0.0.1:1/v1/traces' }],
    spool: { directory },
  });
  harness.end(...names(10));
  await harness.delivery.flush();
  rmSync(directory, { recursive: true });
  harness.end(...names(5));
  await until(() => harness.delivery.counters().destinations[0]?.spool.items === 5);
  t.match(harness.delivery.counters().destinations, [{ queue: { items: 0 }, handedOver: 10 }]);
  t.ok(harness.isBalanced());
});

t.test('with any name of service and destination, the spool stays inside its directory', async (t) => {
  const directory = join(temporaryDirectory(t), 'spool');
  for (const name of ['../../outside', '..', '.', '', '/etc', 'ünï code*']) {
    const harness = startDelivery(t, {
      serviceName: name,
      destinations: [{ name, url: 'http://127.0.0.1:1/v1/traces' }],
      spool: { directory },
    });
    harness.end('one');
    await harness.delivery.flush();
    t.match(harness.delivery.counters().destinations, [{ spool: { items: 1 } }], name);
  }
  t.same(readdirSync(join(directory, '..')), ['spool']);
  t.ok(readdirSync(directory).every((name) => /^[\w.%-]+$/.test(name)));
});
