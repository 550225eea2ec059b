import { execFile } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { writeFile as writeToDisk } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import t from 'tap';
import { until } from '../../../../../test/helpers/until.ts';
import { canMount } from '../../../../../test/helpers/volume.ts';
import type { WriteFile } from '../../../src/road/delivery/spool.ts';
import { startReceiver } from '../../receiver.ts';
import type { Test } from './harness.ts';
import { deliverTo, names, startDelivery, temporaryDirectory } from './harness.ts';

const run = promisify(execFile);

const SMALL_BATCHES = { maxExportBatchSize: 10, scheduleDelayMs: 10 };

/** A file system whose writes stand still until the test lets them go on. */
function stallingFiles() {
  const { promise: goesOn, resolve: goOn } = Promise.withResolvers<void>();
  let stalled = 0;
  const writeFile: WriteFile = async (path, bytes) => {
    stalled++;
    await goesOn;
    await writeToDisk(path, bytes);
  };
  return { writeFile, goOn, stalled: () => stalled };
}

/** A file system on a disk image that can be frozen: writes wait. */
async function mountDisk(t: Test) {
  const parent = temporaryDirectory(t);
  const [image, directory] = [join(parent, 'image'), join(parent, 'disk')];
  mkdirSync(directory);
  await run('truncate', ['--size', '300M', image]); // 64 MiB of which the spool leaves free
  await run('mkfs.ext4', ['-q', image]);
  await run('mount', ['-o', 'loop', image, directory]);
  const freeze = () => run('fsfreeze', ['--freeze', directory]);
  const thaw = () => run('fsfreeze', ['--unfreeze', directory]);
  t.teardown(async () => {
    await thaw().catch(() => {}); // not frozen
    await run('umount', ['--lazy', directory]);
  });
  return { directory, freeze, thaw };
}

t.test('a stalled disk delays nothing, and gets all spans in memory when it goes on', async (t) => {
  const { writeFile, goOn, stalled } = stallingFiles();
  const receiver = await startReceiver(t, { status: 503 });
  const harness = deliverTo(t, receiver, {
    dataDirectory: temporaryDirectory(t),
    writeFile,
    batch: { ...SMALL_BATCHES, maxQueueSize: 200 },
  });
  harness.end('first');
  await until(() => stalled() === 1);
  const made = ['first', ...names(60, 'x'.repeat(1_000))];
  harness.end(...made.slice(1));
  // The event loop turns: each of these waits is one.
  await until(() => harness.counters().ended === 61);
  t.match(harness.delivery.counters(), [
    { queue: { items: 61 }, spool: { items: 0 }, spooled: 0, exported: 0 },
  ]);
  t.equal(stalled(), 1, 'one after the other');
  harness.end(...names(400, 'y'.repeat(1_000)));
  await until(() => harness.counters().ended === 461);
  const [counters] = harness.delivery.counters();
  const lost = counters?.lost.queue_full ?? Number.NaN;
  t.ok(lost > 200 && (counters?.queue.items ?? Number.NaN) <= 200, 'memory is bounded, the rest is counted');
  t.ok(harness.isBalanced());
  goOn();
  await until(() => (harness.counters().spool.items ?? 0) > 0);
  receiver.answer = () => ({ status: 200 });
  await until(() => harness.counters().exported === 461 - lost);
  t.same(
    receiver.accepted.filter((name) => !name.startsWith('y')).toSorted(),
    made.toSorted(),
    'all of them, in any order: requests run side by side',
  );
  t.ok(harness.isBalanced());
});

if (await canMount())
  t.test('a stalled file system delays nothing, and gets all spans when it goes on', async (t) => {
    const disk = await mountDisk(t);
    const harness = startDelivery(t, {
      dataDirectory: join(disk.directory, 'spool'),
      batch: SMALL_BATCHES,
    });
    const counters = () => harness.counters();
    harness.end(...names(20));
    await until(() => counters()?.spool.items === 20);
    await disk.freeze();
    harness.end(...names(300, 'while it stands'));
    // The event loop turns: each of these waits is one.
    await until(() => counters()?.ended === 320 && (counters()?.queue.items ?? 0) >= 290);
    t.ok((counters()?.spool.items ?? Number.NaN) <= 30, 'nothing but what was on its way');
    await disk.thaw();
    await until(() => counters()?.spool.items === 320, { what: 'all spans on disk' });
    t.ok(harness.isBalanced());
  });

t.test('spans that a stalled disk has not taken are sent from memory when the backend is back', async (t) => {
  const { writeFile, goOn, stalled } = stallingFiles();
  const receiver = await startReceiver(t, { status: 503 });
  const harness = deliverTo(t, receiver, { dataDirectory: temporaryDirectory(t), writeFile });
  harness.end(...names(50));
  await until(() => stalled() > 0);
  receiver.answer = () => ({ status: 200 });
  await until(() => harness.counters().exported === 50);
  t.same(receiver.accepted, names(50));
  goOn();
  await harness.delivery.flush();
  t.match(harness.delivery.counters(), [{ queue: { items: 0 }, spool: { items: 0, bytes: 0 } }]);
  t.ok(harness.isBalanced());
});

t.test('a dying process writes the spans of a stalled write again before it ends', async (t) => {
  const { writeFile, goOn, stalled } = stallingFiles();
  const dataDirectory = temporaryDirectory(t);
  const harness = startDelivery(t, { dataDirectory, writeFile });
  harness.end(...names(30));
  await until(() => stalled() > 0);
  harness.end(...names(30, 'late'));
  t.equal(harness.delivery.spillSync(), 0);
  t.match(harness.delivery.counters(), [{ queue: { items: 0 }, spool: { items: 60 } }]);
  t.ok(harness.isBalanced());
  goOn(); // the write under way comes to the same place
  await harness.delivery.shutdown(0);
  const receiver = await startReceiver(t);
  deliverTo(t, receiver, { dataDirectory });
  await receiver.waitFor(() => receiver.accepted.length >= 60);
  t.same(receiver.accepted, [...names(30), ...names(30, 'late')], 'each once, in order');
});

t.test('shutdown waits two seconds for a stalled disk, and counts spans that it has not taken', async (t) => {
  const { writeFile, stalled } = stallingFiles();
  const harness = startDelivery(t, { dataDirectory: temporaryDirectory(t), writeFile });
  harness.end(...names(30));
  await until(() => stalled() > 0);
  await harness.delivery.shutdown(0);
  t.match(harness.delivery.counters(), [{ queue: { items: 0 }, lost: { shutdown: 30 } }]);
  t.ok(harness.isBalanced());
});

t.test('a batch whose write fails stays in memory, and is sent once', async (t) => {
  const dataDirectory = temporaryDirectory(t);
  let failures = 1;
  const writeFile: WriteFile = (path, bytes) =>
    failures-- > 0 ? Promise.reject(new Error('ENOSPC: no space left on device')) : writeToDisk(path, bytes);
  const receiver = await startReceiver(t, { status: 503 });
  const harness = deliverTo(t, receiver, {
    dataDirectory,
    writeFile,
    batch: { ...SMALL_BATCHES, maxExportBatchSize: 200 },
  });
  for (let batch = 0; batch < 10; batch++) {
    harness.end(...names(100).slice(batch * 10, batch * 10 + 10));
    await harness.delivery.flush();
  }
  await until(() => failures < 1);
  await harness.delivery.flush();
  t.ok(harness.isBalanced());
  t.equal(harness.logged.filter((line) => line.includes(dataDirectory)).length, 1);
  receiver.answer = () => ({ status: 200 });
  await until(() => harness.counters().exported === 100);
  t.same(receiver.accepted.toSorted(), names(100).toSorted(), 'each once');
  t.ok(harness.isBalanced());
});
