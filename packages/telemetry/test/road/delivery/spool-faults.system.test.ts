import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, truncateSync } from 'node:fs';
import { dirname, join } from 'node:path';
import t from 'tap';
import { until } from '../../../../../test/helpers/until.ts';
import { startReceiver } from '../../receiver.ts';
import { deliverTo, names, spoolFilesIn, startDelivery, temporaryDirectory } from './harness.ts';

t.test('a spool that cannot be made is reported once, and spans wait in memory', async (t) => {
  const fifos = ['', 'test-service', 'test-service/destination-0'].map((place) => {
    const directory = join(temporaryDirectory(t), 'spool');
    const planted = join(directory, 'spool', place);
    mkdirSync(dirname(planted), { recursive: true });
    execFileSync('mkfifo', [planted]);
    return { directory, named: planted };
  });
  for (const { directory, named } of [{ directory: '/dev/null/there', named: '/dev/null/there' }, ...fifos]) {
    const harness = startDelivery(t, { dataDirectory: directory });
    for (let round = 0; round < 3; round++) {
      harness.end(...names(10));
      await harness.delivery.flush();
    }
    t.match(harness.delivery.counters(), [{ queue: { items: 30 }, spooled: 0 }]);
    t.equal(harness.logged.filter((line) => line.includes(named)).length, 1);
    await harness.delivery.shutdown(0);
    t.match(harness.delivery.counters(), [{ lost: { shutdown: 30 } }]);
  }
});

for (const [what, length] of [
  ['empty', 0],
  ['cut', 100],
] as const) {
  t.test(`a file of a killed process that is ${what} is counted and said, and others are sent`, async (t) => {
    const receiver = await startReceiver(t, { status: 503 });
    const dataDirectory = temporaryDirectory(t);
    const first = deliverTo(t, receiver, { dataDirectory });
    first.end(...names(20, 'kept'));
    await first.delivery.shutdown(0);
    const [file = ''] = spoolFilesIn(dataDirectory);
    truncateSync(file, length);
    receiver.answer = () => ({ status: 200 });
    const second = deliverTo(t, receiver, { dataDirectory });
    second.end('after');
    await until(() => second.counters().lost.spool_damaged === 20 && second.counters().exported === 1);
    t.same(second.logged, ['Spans for destination-0 are lost, so far: spool_damaged 20.']);
    t.same(receiver.accepted, ['after']);
    t.ok(second.isBalanced());
  });
}

t.test('a spool directory removed while it is in use is made again', async (t) => {
  const directory = temporaryDirectory(t);
  const harness = startDelivery(t, { dataDirectory: directory });
  harness.end(...names(10));
  await harness.delivery.flush();
  await until(() => harness.counters().spool.items === 10); // a slow machine may flush for longer than a flush waits
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
