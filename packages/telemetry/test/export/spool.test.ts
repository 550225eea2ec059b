import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  copyFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ProtobufWriter } from '@tandem/otlp/encode';
import t from 'tap';
import { backoffMs } from '../../src/export/backoff.ts';
import { Spool } from '../../src/export/spool.ts';
import type { SpoolFile } from '../../src/export/spool-folder.ts';
import { Tally } from '../../src/export/tally.ts';
import type { Batch } from '../../src/wire/batch.ts';
import type { Test } from './harness.ts';
import { temporaryDirectory } from './harness.ts';

function open(t: Test, directory: string, { maxBytes = 1_000_000, maxItems = 2048 } = {}) {
  const notices: string[] = [];
  const log = {
    debug() {},
    info() {},
    warn: (_fields: object, message: string) => void notices.push(message),
    error: (_fields: object, message: string) => void notices.push(message),
  };
  const silent = { debug() {}, info() {}, warn() {}, error() {} };
  const tally = new Tally('Items', silent);
  const spool = new Spool({ directory, maxBytes, maxItems, tally, what: 'Items', log });
  t.teardown(() => spool.close());
  const lost = () => Object.fromEntries(Object.entries(tally.counts.lost).filter(([, items]) => items > 0));
  return { spool, tally, notices, lost, append: (each: Batch) => spool.write(each, false, () => true) };
}

/** Writes a batch that is being sent to a file of its own. */
async function keep(spool: Spool, each: Batch): Promise<SpoolFile> {
  let kept: SpoolFile | undefined;
  await spool.write(each, true, (file) => {
    kept = file;
    return true;
  });
  return kept as SpoolFile;
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
  for (let taken = await spool.take(); taken; taken = await spool.take()) {
    texts.push(...textsOf(taken.batch.body));
    spool.finish(taken.file);
  }
  await spool.close(); // after all that was begun
  return texts;
}

/** Leaves a file with each of these texts in a folder, as an ended process does. */
async function leave(t: Test, directory: string, ...texts: string[]): Promise<string[]> {
  const { spool } = open(t, directory);
  for (const text of texts) await keep(spool, batch(text));
  spool.releaseSync();
  return filesIn(directory);
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
  const { spool, append } = open(t, directory);
  for (const text of ['a', 'b', 'c']) await append(batch(text, text));
  t.match(spool.size, { items: 6, bytes: 3 * batch('a', 'a').body.length });
  const [file = '', ...others] = readdirSync(directory);
  t.same(others, []);
  t.same(
    readFileSync(join(directory, file)),
    Buffer.concat(['a', 'b', 'c'].map((text) => batch(text, text).body)),
    'as they are sent',
  );
  t.same(await drain(spool), ['a', 'a', 'b', 'b', 'c', 'c']);
  t.match(spool.size, { items: 0, bytes: 0 });
  t.same(readdirSync(directory), []);
});

t.test('a file is begun anew after a MiB, after a second, and when it has enough items', async (t) => {
  const directory = temporaryDirectory(t);
  const { append } = open(t, directory, { maxBytes: 100_000_000, maxItems: 5 });
  const count = () => readdirSync(directory).length;
  for (let i = 0; i < 3; i++) await append(batch('x'.repeat(400_000)));
  t.equal(count(), 2);
  await sleep(1_100);
  await append(batch('later'));
  t.equal(count(), 3);
  await append(batch('1', '2', '3', '4'));
  t.equal(count(), 3);
  await append(batch('5'));
  t.equal(count(), 4);
});

t.test('a batch that was sent while it was written is not on disk', async (t) => {
  const directory = temporaryDirectory(t);
  const { spool, append } = open(t, directory);
  await append(batch('first'));
  await spool.write(batch('sent meanwhile'), false, () => false);
  await append(batch('b'));
  await spool.write(batch('and so was this'), true, () => false);
  t.equal(readdirSync(directory).length, 1);
  t.same(
    readFileSync(filesIn(directory)[0] ?? '').length,
    batch('first').body.length + batch('b').body.length,
  );
  t.same(await drain(spool), ['first', 'b']);
});

t.test('a file that was put back is taken first, and the file being written last', async (t) => {
  const { spool, append } = open(t, temporaryDirectory(t));
  for (const text of ['a', 'b']) spool.putBack(await keep(spool, batch(text)));
  await append(batch('c'));
  const first = await spool.take();
  t.same(textsOf(first?.batch.body ?? Buffer.of()), ['a']);
  t.same(textsOf((await spool.take())?.batch.body ?? Buffer.of()), ['b']);
  spool.putBack(first?.file as SpoolFile);
  t.same(await drain(spool), ['a', 'c']);
});

t.test('files of an ended process are taken by another one, and both count them', async (t) => {
  const directory = temporaryDirectory(t);
  const { spool: one, tally: ofOne, append } = open(t, directory);
  const { spool: two, tally: ofTwo } = open(t, directory);
  await append(batch('a', 'b'));
  await two.tend();
  t.equal(two.isEmpty, true, 'while it is written it is claimed');
  await one.close();
  await two.tend();
  t.same(await drain(two), ['a', 'b']);
  t.equal(ofTwo.counts.recovered, 2);
  await one.tend();
  t.equal(ofOne.counts.handedOver, 2);
  t.match(one.size, { items: 0 });
  t.same(readdirSync(directory), []);
});

t.test('a claim that is a minute old goes back', async (t) => {
  const directory = temporaryDirectory(t);
  const { append } = open(t, directory);
  await append(batch('of a process that was killed'));
  const [claimed = ''] = readdirSync(directory);
  const { spool } = open(t, directory);
  const claimedBefore = async (ms: number) => {
    const [now = ''] = readdirSync(directory);
    renameSync(join(directory, now), join(directory, claimed.replace(/\d+$/, String(Date.now() - ms))));
    await spool.tend();
    return spool.take();
  };
  t.equal(await claimedBefore(55_000), undefined);
  t.same((await claimedBefore(60_000))?.batch, batch('of a process that was killed'));
});

t.test('five processes that take 200 small files at once never take the same file', async (t) => {
  const directory = temporaryDirectory(t);
  const texts = Array.from({ length: 200 }, (_, index) => `t${index}`);
  t.equal((await leave(t, directory, ...texts)).length, 200);
  const replicas = Array.from({ length: 5 }, () => open(t, directory));
  await Promise.all(replicas.map(({ spool }) => spool.tend()));
  const sent = await Promise.all(replicas.map(({ spool }) => drain(spool)));
  t.same(sent.flat().toSorted(), texts.toSorted());
  t.equal(
    replicas.reduce((sum, { tally }) => sum + tally.counts.recovered, 0),
    200,
  );
  t.same(readdirSync(directory), []);
});

t.test('a torn last batch is cut off at the end of the last whole one', async (t) => {
  for (const cut of [1, 5, 11]) {
    const directory = temporaryDirectory(t);
    const first = open(t, directory);
    for (const text of ['aaaaaaaa', 'bbbbbbbb', 'cccccccc']) await first.append(batch(text));
    await first.spool.close();
    const [file = ''] = filesIn(directory);
    truncateSync(file, readFileSync(file).length - cut);
    const { spool, tally } = open(t, directory);
    await spool.tend();
    t.same(await drain(spool), ['aaaaaaaa', 'bbbbbbbb'], `${cut} bytes short`);
    t.equal(tally.counts.recovered, 2);
    t.same(filesIn(directory), []);
  }
});

t.test('a FIFO or a link among the files is left alone, and the files are sent', async (t) => {
  const directory = temporaryDirectory(t);
  const [file = ''] = await leave(t, directory, 'kept');
  const outside = join(temporaryDirectory(t), 'outside.spans');
  copyFileSync(file, outside);
  const planted = [`${file.slice(0, -6)}0.spans`, `${file.slice(0, -6)}1.spans`];
  execFileSync('mkfifo', [planted[0] ?? '']);
  symlinkSync(outside, planted[1] ?? '');
  const { spool, notices, lost } = open(t, directory);
  await spool.tend();
  t.same(await drain(spool), ['kept']);
  await spool.tend();
  t.same([notices, lost()], [[], {}]);
  for (const path of [...planted, outside]) t.ok(existsSync(path));
});

t.test('foreign files in the spool do no harm', async (t) => {
  const directory = temporaryDirectory(t);
  const [file = ''] = await leave(t, directory, 'kept');
  writeFileSync(join(directory, 'stray'), 'x');
  writeFileSync(`${file.slice(0, -6)}0.spans`, '');
  writeFileSync(`${file.slice(0, -6)}1.spans`, 'no batch at all, but long enough for one');
  appendFileSync(file, Buffer.alloc(100));
  const { spool, tally, notices } = open(t, directory);
  await spool.tend();
  t.same(await drain(spool), ['kept']);
  t.same([tally.counts.recovered, notices], [1, []]);
  t.same(readdirSync(directory), ['stray']);
});

t.test('a full spool drops and counts its oldest files, and keeps the newest', async (t) => {
  const directory = temporaryDirectory(t);
  const { spool, append, lost } = open(t, directory, { maxBytes: 10_000, maxItems: 2 });
  const texts = Array.from({ length: 100 }, (_, index) => `${index}x`.padEnd(500, 'x'));
  for (const text of texts) {
    await append(batch(text));
    const onDisk = readdirSync(directory).map((name) => readFileSync(join(directory, name)).length);
    const bytes = onDisk.reduce((sum, each) => sum + each, 0);
    t.ok(bytes <= 10_000 && bytes === spool.size.bytes);
  }
  const left = await drain(spool);
  t.ok(left.length >= 15, 'most of the room is used');
  t.same(left, texts.slice(-left.length));
  t.same(lost(), { spool_full: 100 - left.length });
});

t.test('files of other processes take room in a full spool, and are dropped and counted too', async (t) => {
  const directory = temporaryDirectory(t);
  await leave(t, directory, 'a'.repeat(400), 'b'.repeat(400));
  const { spool, append, tally, lost } = open(t, directory, { maxBytes: 1_000 });
  await spool.tend();
  await append(batch('c'.repeat(400)));
  t.equal(tally.counts.recovered, 1);
  t.same(lost(), { spool_full: 1 });
  t.same(await drain(spool), ['b'.repeat(400), 'c'.repeat(400)]);
});

t.test('a file that is being sent is not dropped', async (t) => {
  const { spool, append } = open(t, temporaryDirectory(t), { maxBytes: 2_000, maxItems: 1 });
  const sent = await keep(spool, batch('a'.repeat(200)));
  for (let i = 0; i < 10; i++) await append(batch('x'.repeat(220)));
  spool.putBack(sent);
  t.same((await drain(spool))[0], 'a'.repeat(200));
});

t.test('folders that are made at the same time are there for all', async (t) => {
  const parent = join(temporaryDirectory(t), 'data', 'spool');
  const spools = Array.from({ length: 20 }, (_, index) => open(t, join(parent, 'service', String(index))));
  await Promise.all(spools.map(({ append }) => append(batch('one'))));
  t.same(
    spools.map(({ spool, notices }) => [spool.size.items, notices]),
    spools.map(() => [1, []]),
  );
});

t.test('nothing is made on disk before there is something to keep', async (t) => {
  const directory = join(temporaryDirectory(t), 'spool');
  const { spool } = open(t, directory);
  await spool.tend();
  t.equal(await spool.take(), undefined);
  t.equal(existsSync(directory), false);
});

t.test('waiting times double up to a limit, and chance takes up to half of them away', async (t) => {
  const waits = (random: number) => [1, 2, 3, 4, 5, 6, 5000].map((n) => backoffMs(n, undefined, random));
  t.same(waits(1), [500, 1000, 2000, 4000, 5000, 5000, 5000]);
  t.same(waits(0), [250, 500, 1000, 2000, 2500, 2500, 2500]);
});

t.test('Retry-After is the shortest wait, up to ten minutes', async (t) => {
  t.equal(backoffMs(1, 60, 0), 60_000);
  t.equal(backoffMs(1, 0, 0), 100);
  t.equal(backoffMs(1, 1e9, 0), 600_000);
  t.equal(backoffMs(1, Number.MAX_VALUE, 0), 600_000);
});
