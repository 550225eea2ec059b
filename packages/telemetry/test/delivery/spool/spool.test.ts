import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  copyFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import t from 'tap';
import type { Batch } from '../../../src/delivery/encoding/batch-builder.ts';
import { Spool } from '../../../src/delivery/spool/spool.ts';
import type { SpoolFiles } from '../../../src/delivery/spool/spool-files.ts';
import { DISK_FILES } from '../../../src/delivery/spool/spool-files.ts';
import type { Test } from '../harness.ts';
import { temporaryDirectory } from '../harness.ts';

function open(t: Test, directory: string, maxBytes = 1_000_000, files = DISK_FILES) {
  const lost: string[] = [];
  const refused: string[] = [];
  const damaged: number[] = [];
  const spool = new Spool({
    directory,
    maxBytes,
    files,
    onRefused: ({ path }) => void refused.push(path),
    onDamaged: ({ items }) => void damaged.push(items),
    onLost: (reason, items) => void lost.push(`${reason} ${items}`),
  });
  t.teardown(() => close(spool));
  return { spool, lost, refused, damaged };
}

function batch(text: string, items = 1): Batch {
  return { body: Buffer.from(text), items };
}

/** Takes and finishes everything, one record at a time. */
async function drain(spool: Spool): Promise<string[]> {
  const bodies: string[] = [];
  for (let taken = await spool.take(1, 1); taken; taken = await spool.take(1, 1)) {
    bodies.push(taken.body.toString());
    spool.finish(taken.records);
  }
  await spool.settled();
  return bodies;
}

/** Closes it as soon as all is written. */
async function close(spool: Spool): Promise<void> {
  await spool.settled();
  await spool.close();
}

function segments(directory: string): string[] {
  const files = readdirSync(directory, { recursive: true }) as string[];
  return files
    .filter((name) => name.endsWith('.spans'))
    .map((name) => join(directory, name))
    .sort();
}

t.test('batches come out in the order they went in, and then nothing is left on disk', async (t) => {
  const directory = temporaryDirectory(t);
  const { spool } = open(t, directory);
  for (const text of ['a', 'b', 'c']) spool.append(batch(text, 2));
  t.equal(spool.items, 6);
  t.same(await drain(spool), ['a', 'b', 'c']);
  t.equal(spool.bytes, 0);
  t.same(segments(directory), []);
  await close(spool);
  t.same(readdirSync(directory), []);
});

t.test('many small batches are taken as one, within the limits', async (t) => {
  const { spool } = open(t, temporaryDirectory(t));
  for (const text of ['a', 'b', 'c', 'd']) spool.append(batch(text, 10));
  const bySpans = await spool.take(25, 1_000);
  t.match(bySpans, { body: Buffer.from('ab'), items: 20 });
  t.match(await spool.take(1_000, 1), { body: Buffer.from('c') }, 'at least one, whatever its size');
  spool.putBack(bySpans?.records ?? []);
  t.match(
    await spool.take(1_000, 1_000),
    { body: Buffer.from('abd') },
    'what was put back comes first again',
  );
});

t.test('a successor gets what was not finished, and nothing else', async (t) => {
  const directory = temporaryDirectory(t);
  const first = open(t, directory).spool;
  for (const text of ['a', 'b', 'c']) first.append(batch(text));
  first.finish((await first.take(1, 1))?.records ?? []);
  await first.take(1, 1);
  await close(first);
  const { spool } = open(t, directory);
  t.equal(await spool.adopt(), 2);
  t.same(await drain(spool), ['b', 'c']);
  t.same(readdirSync(directory), [], 'the adopted directory is removed');
});

t.test('a directory whose owner lives is not adopted, not even within one process', async (t) => {
  const directory = temporaryDirectory(t);
  const one = open(t, directory, 1_000).spool;
  const two = open(t, directory, 1_000).spool;
  one.append(batch('one'));
  await one.settled();
  t.equal(await two.adopt(), 0);
  t.equal(two.capacityBytes, 500, 'and the room is shared');
  await close(one);
  t.equal(await two.adopt(), 1);
  t.equal(two.capacityBytes, 1_000);
});

t.test('a torn last record is left out, and all before it are kept', async (t) => {
  for (const cut of [1, 5, 16, 20]) {
    const directory = temporaryDirectory(t);
    const first = open(t, directory).spool;
    for (const text of ['aaaaaaaa', 'bbbbbbbb', 'cccccccc']) first.append(batch(text));
    await close(first);
    const [file = ''] = segments(directory);
    truncateSync(file, readFileSync(file).length - cut);
    const { spool } = open(t, directory);
    t.equal(await spool.adopt(), 2);
    t.same(await drain(spool), ['aaaaaaaa', 'bbbbbbbb'], `${cut} bytes short`);
    t.same(segments(directory), []);
  }
});

t.test('a damaged record is left out and counted, and those around it are kept', async (t) => {
  const directory = temporaryDirectory(t);
  const first = open(t, directory).spool;
  for (const text of ['aaaa', 'bbbb', 'cccc']) first.append(batch(text, 7));
  await close(first);
  const [file = ''] = segments(directory);
  writeFileSync(file, readFileSync(file, 'latin1').replace('bbbb', 'bbxb'), 'latin1');
  const { spool, lost } = open(t, directory);
  await spool.adopt();
  t.same(await drain(spool), ['aaaa', 'cccc']);
  t.same(lost, ['spool_damaged 7']);
});

t.test(
  'a batch that makes room for others while it is read is lost to a full spool, not damaged',
  async (t) => {
    const { promise: goesOn, resolve: goOn } = Promise.withResolvers<void>();
    const { promise: isReading, resolve: reads } = Promise.withResolvers<void>();
    const read: SpoolFiles['read'] = async (...place) => {
      reads();
      await goesOn;
      return DISK_FILES.read(...place);
    };
    const { spool, lost } = open(t, temporaryDirectory(t), 1_000, { ...DISK_FILES, read });
    spool.append(batch('oldest', 3));
    await spool.settled();
    const taken = spool.take(10, 1_000);
    await isReading;
    for (let index = 0; index < 4; index++) spool.append(batch('x'.repeat(300)));
    await spool.settled();
    goOn();
    await taken;
    t.same(lost, ['spool_full 1', 'spool_full 3']);
  },
);

t.test('one flipped bit in a header costs that record, not those behind it', async (t) => {
  const directory = temporaryDirectory(t);
  const first = open(t, directory).spool;
  for (let index = 0; index < 250; index++) first.append(batch(`span ${index}.`));
  await close(first);
  const [file = ''] = segments(directory);
  const bytes = readFileSync(file);
  bytes[4] = (bytes[4] ?? 0) ^ 0x40; // the first record's length
  writeFileSync(file, bytes);
  const { spool, lost, damaged } = open(t, directory);
  t.equal(await spool.adopt(), 249);
  t.equal((await drain(spool)).length, 249);
  t.same(lost, ['spool_damaged 1']);
  t.same(damaged, [1]);
});

t.test(
  'a FIFO, a link or a device among the segments is refused by name, and the others are sent',
  async (t) => {
    const directory = temporaryDirectory(t);
    const first = open(t, directory).spool;
    first.append(batch('kept'));
    await close(first);
    const [file = ''] = segments(directory);
    const outside = join(temporaryDirectory(t), 'outside.spans');
    copyFileSync(file, outside);
    const planted = [`${file.slice(0, -6)}0.spans`, `${file.slice(0, -6)}1.spans`];
    execFileSync('mkfifo', [planted[0] ?? '']);
    symlinkSync(outside, planted[1] ?? '');
    const { spool, refused, lost } = open(t, directory);
    t.equal(await spool.adopt(), 1);
    t.same(refused.toSorted(), planted);
    t.same(await drain(spool), ['kept']);
    t.same(lost, []);
    t.ok(existsSync(outside));
    await spool.adopt();
    t.equal(refused.length, 2, 'each is named once');
  },
);

t.test('a FIFO or a link in the place of a lock is refused, and no other directory suffers', async (t) => {
  const directory = temporaryDirectory(t);
  const locks: string[] = [];
  for (const text of ['a', 'b', 'c']) {
    const { spool } = open(t, directory);
    spool.append(batch(text));
    await close(spool);
    for (const file of segments(directory)) {
      const lock = join(dirname(file), 'lock');
      if (!locks.includes(lock)) locks.push(lock);
    }
  }
  const target = join(temporaryDirectory(t), 'target');
  writeFileSync(target, 'not ours', { mode: 0o644 });
  for (const lock of locks.slice(0, 2)) rmSync(lock);
  execFileSync('mkfifo', [locks[0] ?? '']);
  symlinkSync(target, locks[1] ?? '');
  chmodSync(locks[2] ?? '', 0o644);
  const { spool, refused } = open(t, directory);
  t.equal(await spool.adopt(), 1);
  t.equal(statSync(locks[2] ?? '').mode & 0o777, 0o600);
  t.same(refused.toSorted(), locks.slice(0, 2).toSorted());
  t.same(await drain(spool), ['c']);
  t.equal(readFileSync(target, 'utf8'), 'not ours');
  t.equal(statSync(target).mode & 0o777, 0o644);
});

t.test('files that are no segments, or not ours to understand, do no harm', async (t) => {
  const directory = temporaryDirectory(t);
  const first = open(t, directory).spool;
  first.append(batch('kept'));
  await close(first);
  const [file = ''] = segments(directory);
  writeFileSync(join(directory, 'stray'), 'x');
  writeFileSync(`${file.slice(0, -6)}0.spans`, '');
  writeFileSync(`${file.slice(0, -6)}1.spans`, 'no segment at all, but long enough for a header');
  appendFileSync(file, Buffer.alloc(100));
  const { spool } = open(t, directory);
  t.equal(await spool.adopt(), 1);
  t.same(await drain(spool), ['kept']);
});

t.test('when it is full the oldest are dropped and counted, and the newest are there', async (t) => {
  const directory = temporaryDirectory(t);
  const { spool, lost } = open(t, directory, 10_000);
  const texts = Array.from({ length: 100 }, (_, index) => String(index).padEnd(500, '.'));
  for (const text of texts) {
    spool.append(batch(text));
    await spool.settled();
    const onDisk = segments(directory).reduce((sum, file) => sum + readFileSync(file).length, 0);
    t.ok(onDisk <= 10_000 && onDisk === spool.bytes);
  }
  const left = await drain(spool);
  t.ok(left.length >= 15, 'most of the room is used');
  t.same(left, texts.slice(-left.length));
  const dropped = lost.reduce((sum, entry) => sum + Number(entry.split(' ')[1]), 0);
  t.equal(dropped, 100 - left.length);
});

t.test('what is being sent while it is dropped is counted only if it does not arrive', async (t) => {
  const { spool, lost } = open(t, temporaryDirectory(t), 2_000);
  spool.append(batch('a'.repeat(200)));
  spool.append(batch('b'.repeat(200)));
  const arrives = await spool.take(1, 1);
  const fails = await spool.take(1, 1);
  for (let i = 0; i < 10; i++) spool.append(batch('x'.repeat(180)));
  t.ok(arrives?.records[0]?.segment.removed);
  const before = lost.length;
  spool.finish(arrives?.records ?? []);
  t.equal(lost.length, before);
  spool.putBack(fails?.records ?? []);
  t.equal(lost.length, before + 1);
});

t.test('a batch larger than all the room does not fit, and drops nothing', async (t) => {
  const { spool } = open(t, temporaryDirectory(t), 1_000);
  t.equal(spool.fits(batch('x'.repeat(1_000))), false);
  t.equal(spool.fits(batch('x'.repeat(900))), true);
});

t.test('nothing is made on disk before there is something to keep', async (t) => {
  const directory = join(temporaryDirectory(t), 'spool');
  const { spool } = open(t, directory);
  t.equal(await spool.adopt(), 0);
  t.equal(await spool.take(1, 1), undefined);
  t.equal(existsSync(directory), false);
});
