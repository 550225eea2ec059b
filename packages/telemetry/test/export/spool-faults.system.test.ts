import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { startOtlpReceiver } from '@tandem/otlp/testing';
import type { Test } from 'tap';
import t from 'tap';
import { until } from '../../../../test/helpers/until.ts';
import { names, spoolFilesIn, startDelivery, temporaryDirectory } from './harness.ts';

/** Delivers to nobody with a spool that cannot be used, and sees that the spans wait in memory. */
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

/** What happened to a file of a killed process; how many of its 20 spans are lost. */
const DAMAGES: readonly (readonly [what: string, damage: (bytes: Buffer) => Uint8Array, lost: number])[] = [
  ['empty', () => Buffer.alloc(0), 20],
  ['cut', (bytes) => bytes.subarray(0, bytes.length - 1), 20],
  ['damaged in its first bytes', (bytes) => bytes.fill(0xff, 0, 8), 20],
  ['zeros', (bytes) => Buffer.alloc(bytes.length), 20],
  [
    'damaged in one span',
    (bytes) => bytes.fill(0xff, bytes.indexOf('kept-7') - 1, bytes.indexOf('kept-7')),
    1,
  ],
];

for (const [what, damage, lost] of DAMAGES) {
  t.test(`a file of a killed process that is ${what} is counted and said`, async (t) => {
    const receiver = await startOtlpReceiver();
    t.teardown(() => receiver.close());
    receiver.answer = () => ({ status: 503, headers: { 'retry-after': '3600' } });
    const dataDirectory = temporaryDirectory(t);
    const first = startDelivery(t, { destinations: [{ url: receiver.tracesUrl }], dataDirectory });
    first.end(...names(20, 'kept'));
    await first.delivery.shutdown(0);
    const [file = ''] = spoolFilesIn(dataDirectory);
    writeFileSync(file, damage(readFileSync(file)));
    const second = startDelivery(t, { destinations: [{ url: receiver.tracesUrl }], dataDirectory });
    second.end('after');
    await until(() => second.counters().lost.spool_damaged === lost && second.logged.length > 1);
    t.ok(second.logged.includes(`Spans for destination-0 are lost, so far: spool_damaged ${lost}.`));
    t.notMatch(second.logged.join(), /No spans lost/);
    t.ok(second.isBalanced());
    receiver.answer = () => ({ status: 200 });
    const third = startDelivery(t, {
      destinations: [{ url: receiver.tracesUrl }],
      dataDirectory,
      claimMs: 0,
    });
    await receiver.waitFor(() => receiver.accepted.length === 20 - lost + 1);
    t.notOk(receiver.accepted.includes('kept-7') && lost === 1, 'the others are sent');
    t.ok(third.isBalanced());
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
    t.match(harness.delivery.counters(), [{ spool: { items: 1 } }], name);
  }
  t.same(readdirSync(join(directory, '..')), ['spool']);
  t.same(readdirSync(directory), ['spool']);
  t.ok(readdirSync(join(directory, 'spool')).every((name) => /^[\w.%-]+$/.test(name)));
});
