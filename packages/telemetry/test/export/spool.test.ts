import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  copyFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ProtobufWriter } from '@tandem/otlp/protobuf';
import t from 'tap';
import { Spool } from '../../src/export/spool.ts';
import type { SpoolFiles } from '../../src/export/spool-files.ts';
import { DISK_FILES } from '../../src/export/spool-files.ts';
import type { Batch } from '../../src/wire/batch.ts';
import type { Test } from './harness.ts';
import { temporaryDirectory } from './harness.ts';

/** How long a folder is renewed by nobody until its files are for anyone. */
const LEFT_AFTER_MS = 10_000;

function open(t: Test, directory: string, maxBytes = 1_000_000, files = DISK_FILES) {
  const lost: string[] = [];
  const refused: string[] = [];
  const torn: number[] = [];
  let adopted = 0;
  const spool = new Spool({
    directory,
    root: directory,
    maxBytes,
    maxUnwrittenBytes: 1_000_000,
    files,
    onWritten() {},
    onAdopted: (items) => {
      adopted += items;
    },
    onUnwritten() {},
    onRefused: ({ path }) => void refused.push(path),
    onTorn: (_path, bytes) => void torn.push(bytes),
    onLost: (reason, items) => void lost.push(`${reason} ${items}`),
    onError(error) {
      throw error;
    },
  });
  t.teardown(() => close(spool));
  /** Takes over what others have left; gives the number of items. */
  const adopt = async () => {
    const before = adopted;
    await spool.tend();
    return adopted - before;
  };
  return { spool, adopt, lost, refused, torn };
}

/** An export request whose items are these texts. */
function batch(...texts: string[]): Batch {
  const writer = new ProtobufWriter(64);
  const resource = writer.begin(0x0a);
  const scope = writer.begin(0x12);
  for (const text of texts) writer.string(0x12, text);
  writer.end(scope);
  writer.end(resource);
  return { body: writer.toBuffer(), items: texts.length };
}

/** The texts of the items in a request. */
function textsOf(body: Buffer): string[] {
  return body.toString().match(/[a-z0-9]+\.?/g) ?? [];
}

/** Takes and finishes everything, one file at a time. */
async function drain(spool: Spool): Promise<string[]> {
  const texts: string[] = [];
  for (let taken = await spool.take(1, 1); taken; taken = await spool.take(1, 1)) {
    texts.push(...textsOf(taken.body));
    spool.finish(taken.files);
  }
  await spool.settled();
  return texts;
}

/** Closes it as soon as all is written. */
async function close(spool: Spool): Promise<void> {
  await spool.settled();
  await spool.close();
}

function filesIn(directory: string): string[] {
  const files = readdirSync(directory, { recursive: true }) as string[];
  return files
    .filter((name) => name.endsWith('.spans'))
    .map((name) => join(directory, name))
    .sort();
}

t.test('batches are appended to a file, come out in their order, and nothing is left on disk', async (t) => {
  const directory = temporaryDirectory(t);
  const { spool } = open(t, directory);
  for (const text of ['a', 'b', 'c']) t.ok(spool.append(batch(text, text)));
  t.equal(spool.items, 6);
  await spool.settled();
  t.equal(filesIn(directory).length, 1);
  const [file = ''] = filesIn(directory);
  t.same(
    readFileSync(file),
    Buffer.concat(['a', 'b', 'c'].map((text) => batch(text, text).body)),
    'as they are sent',
  );
  t.same(await drain(spool), ['a', 'a', 'b', 'b', 'c', 'c']);
  t.equal(spool.bytes, 0);
  t.same(filesIn(directory), []);
  await close(spool);
  t.same(readdirSync(directory), []);
});

t.test('a file is begun anew after a MiB and after a second', async (t) => {
  const directory = temporaryDirectory(t);
  const { spool } = open(t, directory, 100_000_000);
  const large = 'x'.repeat(400_000);
  for (let i = 0; i < 3; i++) {
    t.ok(spool.append(batch(large)));
    await spool.settled();
  }
  t.equal(filesIn(directory).length, 2);
  await sleep(1_100);
  spool.append(batch('later'));
  await spool.settled();
  t.equal(filesIn(directory).length, 3);
});

t.test(
  'small files are taken as one request, within the limits; one that was put back comes first',
  async (t) => {
    const { spool } = open(t, temporaryDirectory(t));
    const kept = ['a', 'b', 'c', 'd'].map((text) => spool.keep(batch(...text.repeat(10))));
    spool.putBack(kept.filter((file) => file !== undefined));
    const byItems = await spool.take(25, 1_000);
    t.equal(byItems?.items, 20);
    t.equal(byItems?.files.length, 2);
    t.equal((await spool.take(1_000, 1))?.items, 10, 'at least one, whatever its size');
    spool.putBack(byItems?.files ?? []);
    t.equal(textsOf((await spool.take(1, 1))?.body ?? Buffer.of())[0], 'a');
  },
);

t.test('a successor gets what was not finished, and nothing else', async (t) => {
  const directory = temporaryDirectory(t);
  const first = open(t, directory).spool;
  const files = ['a', 'b', 'c'].map((text) => first.keep(batch(text)));
  first.finish(files.slice(0, 1).filter((file) => file !== undefined));
  await close(first);
  const { spool, adopt } = open(t, directory);
  t.equal(await adopt(), 2);
  t.same(await drain(spool), ['b', 'c']);
  await close(spool);
  t.same(readdirSync(directory), [], 'the folders are removed');
});

t.test(
  'the files of a process that lives are its own; when it is silent for ten seconds they are for anyone',
  async (t) => {
    const directory = temporaryDirectory(t);
    const { spool: one, adopt: oneAdopts } = open(t, directory, 1_000);
    const { spool: two, adopt } = open(t, directory, 1_000);
    one.append(batch('one'));
    await one.settled();
    t.equal(await adopt(), 0);
    t.equal(two.capacityBytes, 500, 'and the room is shared');
    const folder = dirname(filesIn(directory)[0] ?? '');
    const silentSince = (Date.now() - LEFT_AFTER_MS - 1_000) / 1_000;
    utimesSync(folder, silentSince, silentSince);
    await oneAdopts();
    t.equal(await adopt(), 0, 'it has said that it lives');
    utimesSync(folder, silentSince, silentSince);
    t.equal(await adopt(), 1);
    t.equal(two.capacityBytes, 1_000);
    t.same(await drain(two), ['one']);
  },
);

t.test('five processes that adopt at once get each file once', async (t) => {
  const directory = temporaryDirectory(t);
  const dead = open(t, directory).spool;
  const texts = Array.from({ length: 200 }, (_, index) => `t${index}`);
  for (const text of texts) dead.keep(batch(text));
  await close(dead);
  t.equal(filesIn(directory).length, 200);
  const replicas = Array.from({ length: 5 }, () => open(t, directory));
  const counts = await Promise.all(replicas.map(({ adopt }) => adopt()));
  t.equal(
    counts.reduce((sum, count) => sum + count, 0),
    200,
  );
  const sent = await Promise.all(replicas.map(({ spool }) => drain(spool)));
  t.same(sent.flat().toSorted(), texts.toSorted());
  await Promise.all(replicas.map(({ spool }) => close(spool)));
  t.same(readdirSync(directory), []);
});

t.test('a process whose files another has taken while it stood still counts them, and goes on', async (t) => {
  const directory = temporaryDirectory(t);
  const { spool: one, lost } = open(t, directory);
  one.append(batch('a', 'b'));
  await one.settled();
  utimesSync(dirname(filesIn(directory)[0] ?? ''), 0, 0);
  const { adopt } = open(t, directory);
  t.equal(await adopt(), 2);
  t.equal(await one.take(10, 1_000), undefined);
  t.same(lost, ['spool_damaged 2']);
  one.append(batch('c'));
  await one.settled();
  t.same(await drain(one), ['c']);
});

t.test('a torn last batch is cut off at the end of the last whole one', async (t) => {
  for (const cut of [1, 5, 11]) {
    const directory = temporaryDirectory(t);
    const first = open(t, directory).spool;
    for (const text of ['aaaaaaaa', 'bbbbbbbb', 'cccccccc']) first.append(batch(text));
    await close(first);
    const [file = ''] = filesIn(directory);
    truncateSync(file, readFileSync(file).length - cut);
    const { spool, adopt, torn } = open(t, directory);
    t.equal(await adopt(), 2);
    t.same(await drain(spool), ['aaaaaaaa', 'bbbbbbbb'], `${cut} bytes short`);
    t.same(torn, [batch('cccccccc').body.length - cut]);
    t.same(filesIn(directory), []);
  }
});

t.test('a FIFO or a link among the files is refused by name, and the others are sent', async (t) => {
  const directory = temporaryDirectory(t);
  const first = open(t, directory).spool;
  first.append(batch('kept'));
  await close(first);
  const [file = ''] = filesIn(directory);
  const outside = join(temporaryDirectory(t), 'outside.spans');
  copyFileSync(file, outside);
  const planted = [`${file.slice(0, -6)}0.spans`, `${file.slice(0, -6)}1.spans`];
  execFileSync('mkfifo', [planted[0] ?? '']);
  symlinkSync(outside, planted[1] ?? '');
  utimesSync(dirname(file), 0, 0);
  const { spool, adopt, refused, lost } = open(t, directory);
  t.equal(await adopt(), 1);
  t.same(refused.toSorted(), planted);
  t.same(await drain(spool), ['kept']);
  t.same(lost, []);
  t.ok(existsSync(outside));
  utimesSync(dirname(file), 0, 0);
  await adopt();
  t.equal(refused.length, 2, 'each is named once');
});

t.test('files that are none of a spool do no harm', async (t) => {
  const directory = temporaryDirectory(t);
  const first = open(t, directory).spool;
  first.append(batch('kept'));
  await close(first);
  const [file = ''] = filesIn(directory);
  writeFileSync(join(directory, 'stray'), 'x');
  writeFileSync(`${file.slice(0, -6)}0.spans`, '');
  writeFileSync(`${file.slice(0, -6)}1.spans`, 'no batch at all, but long enough for one');
  appendFileSync(file, Buffer.alloc(100));
  utimesSync(dirname(file), 0, 0);
  const { spool, adopt, torn } = open(t, directory);
  t.equal(await adopt(), 1);
  t.same(await drain(spool), ['kept']);
  t.same(torn.toSorted(), [100, 40]);
});

t.test('when it is full the oldest files are dropped and counted, and the newest are there', async (t) => {
  const directory = temporaryDirectory(t);
  const { spool, lost } = open(t, directory, 10_000);
  const texts = Array.from({ length: 100 }, (_, index) => `${index}x`.padEnd(500, 'x'));
  for (const text of texts) {
    spool.append(batch(text));
    await spool.settled();
    const onDisk = filesIn(directory).reduce((sum, file) => sum + readFileSync(file).length, 0);
    t.ok(onDisk <= 10_000 && onDisk === spool.bytes);
  }
  const left = await drain(spool);
  t.ok(left.length >= 15, 'most of the room is used');
  t.same(left, texts.slice(-left.length));
  const dropped = lost.reduce((sum, entry) => sum + Number(entry.split(' ')[1]), 0);
  t.equal(dropped, 100 - left.length);
});

t.test(
  'a file that is dropped while it is sent is not put back: its sender keeps the batch anew',
  async (t) => {
    const { spool, lost } = open(t, temporaryDirectory(t), 2_000);
    const sent = spool.keep(batch('a'.repeat(200)));
    for (let i = 0; i < 10; i++) spool.append(batch('x'.repeat(220)));
    t.ok(sent?.isGone);
    const before = lost.length;
    t.equal(spool.putBack(sent ? [sent] : []), false);
    t.equal(lost.length, before);
  },
);

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
    spool.append(batch('a', 'b', 'c'));
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

t.test('a batch larger than all the room is not kept, and drops nothing', async (t) => {
  const { spool } = open(t, temporaryDirectory(t), 1_000);
  t.ok(spool.append(batch('a')));
  t.notOk(spool.append(batch('x'.repeat(1_000))));
  t.equal(spool.items, 1);
});

t.test('nothing is made on disk before there is something to keep', async (t) => {
  const directory = join(temporaryDirectory(t), 'spool');
  const { spool, adopt } = open(t, directory);
  t.equal(await adopt(), 0);
  t.equal(await spool.take(1, 1), undefined);
  t.equal(existsSync(directory), false);
});
