import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, truncateSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { startOtlpReceiver } from '@tandem/otlp/testing';
import type { Test } from 'tap';
import t from 'tap';
import { until } from '../../../../test/helpers/until.ts';
import { names, spoolFilesIn, startDelivery, temporaryDirectory } from './harness.ts';

/** Delivers to nobody with an unusable spool, and checks that the spans wait in memory. */
async function spoolInVain(t: Test, directory: string) {
  const harness = startDelivery(t, {
    destinations: [{ url: 'http://127.0.0.1:1/v1/traces' }],
    dataDirectory: directory,
  });
  for (let round = 0; round < 3; round++) {
    harness.end(...names(10));
    await harness.delivery.flush();
  }
  t.match(harness.delivery.counters(), [{ queue: { items: 30 }, spooled: 0 }]);
  return harness;
}

t.test('a spool directory that cannot be made is reported once, and spans wait in memory', async (t) => {
  const directory = '/dev/null/there';
  const harness = await spoolInVain(t, directory);
  t.equal(harness.logged.filter((line) => line.includes(directory)).length, 1);
  await harness.delivery.shutdown(0);
  t.match(harness.delivery.counters(), [{ lost: { shutdown: 30 } }]);
});

t.test('a FIFO in the place of the spool is reported once, and spans wait in memory', async (t) => {
  for (const place of ['', 'test-service', 'test-service/destination-0']) {
    const directory = join(temporaryDirectory(t), 'spool');
    const planted = join(directory, 'spool', place);
    mkdirSync(dirname(planted), { recursive: true });
    execFileSync('mkfifo', [planted]);
    const harness = await spoolInVain(t, directory);
    t.equal(harness.logged.filter((line) => line.includes(planted)).length, 1);
  }
});

for (const [what, length] of [
  ['empty', 0],
  ['cut', 100],
] as const) {
  t.test(`a file of a killed process that is ${what} is counted and said, and others are sent`, async (t) => {
    const receiver = await startOtlpReceiver();
    t.teardown(() => receiver.close());
    receiver.answer = () => ({ status: 503 });
    const dataDirectory = temporaryDirectory(t);
    const first = startDelivery(t, { destinations: [{ url: receiver.tracesUrl }], dataDirectory });
    first.end(...names(20, 'kept'));
    await first.delivery.shutdown(0);
    const [file = ''] = spoolFilesIn(dataDirectory);
    truncateSync(file, length);
    receiver.answer = () => ({ status: 200 });
    const second = startDelivery(t, { destinations: [{ url: receiver.tracesUrl }], dataDirectory });
    second.end('after');
    await until(() => second.counters().lost.spool_damaged === 20 && second.counters().exported === 1);
    t.same(second.logged, ['Spans for destination-0 are lost, so far: spool_damaged 20.']);
    t.same(receiver.accepted, ['after']);
    t.ok(second.isBalanced());
  });
}

t.test('a spool directory removed while it is in use is made again', async (t) => {
  const directory = temporaryDirectory(t);
  const harness = startDelivery(t, {
    destinations: [{ url: 'http://127.0.0.1:1/v1/traces' }],
    dataDirectory: directory,
  });
  harness.end(...names(10));
  await harness.delivery.flush();
  rmSync(directory, { recursive: true });
  harness.end(...names(5));
  await until(() => harness.counters().spool.items === 5);
  t.match(harness.delivery.counters(), [{ queue: { items: 0 }, handedOver: 10 }]);
  t.ok(harness.isBalanced());
});

t.test('with any name of service and destination, the spool stays inside its directory', async (t) => {
  const directory = join(temporaryDirectory(t), 'spool');
  for (const name of ['../../outside', '..', '.', '', '/etc', 'ünï code*']) {
    const harness = startDelivery(t, {
      serviceName: name,
      destinations: [{ name, url: 'http://127.0.0.1:1/v1/traces' }],
      dataDirectory: directory,
    });
    harness.end('one');
    await harness.delivery.flush();
    t.ok(harness.counters().spool.items > 0, name);
  }
  t.same(readdirSync(join(directory, '..')), ['spool']);
  t.same(readdirSync(directory), ['spool']);
  t.ok(readdirSync(join(directory, 'spool')).every((name) => /^[\w.%-]+$/.test(name)));
});
