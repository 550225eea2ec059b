import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { spansOf } from '@tandem/otlp/testing';
import t from 'tap';
import { DestinationReport } from '../../../src/road/delivery/destination-report.ts';
import { SPANS } from '../../../src/road/delivery/signal.ts';
import { Spool } from '../../../src/road/delivery/spool.ts';
import type { SpoolFile } from '../../../src/road/delivery/spool-file.ts';
import type { Test } from './harness.ts';
import { names, spansWithNames, spoolFilesIn, startDelivery, temporaryDirectory } from './harness.ts';

function open(t: Test, directory: string, { maxBytes = 10_000_000 } = {}) {
  const notices: string[] = [];
  const write = (_fields: object, message: string) => void notices.push(message);
  const report = new DestinationReport({ name: 'otlp', log: { info: write, warn() {}, error: write } });
  const spool = new Spool({ directory, maxBytes, report });
  t.teardown(() => spool.settled());
  const lost = () => Object.fromEntries(Object.entries(report.counts.lost).filter(([, items]) => items > 0));
  /** Writes a file with these spans, for any process. */
  const append = async (...spans: string[]) => {
    spool.putBack(await keep(spool, ...spans));
    await spool.settled();
  };
  return { spool, report, notices, lost, append };
}

/** Writes a file that stays claimed. */
async function keep(spool: Spool, ...spans: string[]): Promise<SpoolFile> {
  return (await spool.write(request(...spans), spans.length)) as SpoolFile;
}

function request(...spans: string[]): Uint8Array {
  return SPANS.encode(spansWithNames(...spans)) as Uint8Array;
}

const namesIn = (body: Uint8Array) => spansOf(Buffer.from(body)).map(({ name }) => name);

/** Takes and removes everything, one file at a time. */
async function drain(spool: Spool): Promise<string[]> {
  const all: string[] = [];
  for (let taken = await spool.take(); taken; taken = await spool.take()) {
    all.push(...namesIn(taken.body));
    spool.remove(taken.file);
  }
  await spool.settled(); // after all earlier work
  return all;
}

t.test(
  'requests come out in their order, each from a file of its own, and nothing is left on disk',
  async (t) => {
    const directory = temporaryDirectory(t);
    const { spool, append } = open(t, directory);
    for (const name of ['a', 'b', 'c']) await append(name, name);
    await spool.settled();
    t.match(spool.size, { items: 6 });
    t.equal(readdirSync(directory).length, 3);
    t.same(namesIn(readFileSync(spoolFilesIn(directory)[0] ?? '')), ['a', 'a'], 'as it is sent');
    t.same(await drain(spool), ['a', 'a', 'b', 'b', 'c', 'c']);
    t.match(spool.size, { items: 0, bytes: 0 });
    t.same(readdirSync(directory), []);
  },
);

t.test('a file that was put back is taken first', async (t) => {
  const { spool, append } = open(t, temporaryDirectory(t));
  for (const name of ['a', 'b']) await append(name);
  const first = await spool.take();
  t.same(namesIn((await spool.take())?.body ?? Buffer.of()), ['b']);
  spool.putBack(first?.file as SpoolFile);
  await append('c');
  t.same(await drain(spool), ['a', 'c']);
});

t.test('a process at its end, which has released its files, claims none of them again', async (t) => {
  const directory = temporaryDirectory(t);
  for (const turns of [0, 1, 2, 3]) {
    const { spool, append } = open(t, directory);
    await append(`after ${turns} turns`);
    const taken = spool.take();
    for (let turn = 0; turn < turns; turn++) await Promise.resolve(); // the rename of the claim is under way
    spool.releaseSync();
    t.equal(await taken, undefined);
  }
  t.same(
    readdirSync(directory).filter((name) => !name.endsWith('.spans')),
    [],
    'nothing is claimed',
  );
  const next = open(t, directory).spool;
  await next.tend();
  t.equal((await drain(next)).length, 4);
});

t.test('a claim that is a minute old goes back', async (t) => {
  const directory = temporaryDirectory(t);
  await keep(open(t, directory).spool, 'of a process that was killed');
  const { spool } = open(t, directory);
  const claimedBefore = async (ms: number) => {
    const [now = ''] = spoolFilesIn(directory);
    renameSync(now, now.replace(/\d+$/, String(Date.now() - ms)));
    await spool.tend();
    return drain(spool);
  };
  t.same(await claimedBefore(55_000), []);
  t.same(await claimedBefore(60_000), ['of a process that was killed']);
});

t.test('a claim of a time that has not come goes back: the clock was set back after it', async (t) => {
  const directory = temporaryDirectory(t);
  await keep(open(t, directory).spool, 'of a process that was killed');
  const [now = ''] = spoolFilesIn(directory);
  renameSync(now, now.replace(/\d+$/, String(Date.now() + 3_600_000)));
  const { spool } = open(t, directory);
  await spool.tend();
  t.same(await drain(spool), ['of a process that was killed']);
});

t.test('five processes that take 200 files at once never take the same file', async (t) => {
  const directory = temporaryDirectory(t);
  const { append } = open(t, directory);
  for (const name of names(200)) await append(name);
  const replicas = Array.from({ length: 5 }, () => open(t, directory));
  await Promise.all(replicas.map(({ spool }) => spool.tend()));
  const sent = await Promise.all(replicas.map(({ spool }) => drain(spool)));
  t.same(sent.flat().toSorted(), names(200).toSorted());
  t.equal(
    replicas.reduce((sum, { report }) => sum + report.counts.recovered, 0),
    200,
  );
  t.same(readdirSync(directory), []);
});

t.test('foreign files, FIFOs and links in the spool are left alone, and do no harm', async (t) => {
  const directory = temporaryDirectory(t);
  await open(t, directory).append('kept');
  const [file = ''] = spoolFilesIn(directory);
  const outside = join(temporaryDirectory(t), 'outside.spans');
  copyFileSync(file, outside);
  const planted = [0, 1, 2, 3].map((digit) => file.replace(/_(\d+)_/, `${digit}_$1_`));
  execFileSync('mkfifo', [planted[0] ?? '']);
  symlinkSync(outside, planted[1] ?? '');
  mkdirSync(planted[2] ?? '');
  writeFileSync(join(directory, 'stray'), 'x');
  const { spool, notices, lost } = open(t, directory);
  await spool.tend();
  t.same(await drain(spool), ['kept']);
  await spool.tend();
  t.same([notices, lost()], [[], {}]);
  for (const path of [...planted.slice(0, 3), outside, join(directory, 'stray')]) t.ok(existsSync(path));
});

t.test('a full spool drops and counts its oldest files, and keeps the newest', async (t) => {
  const directory = temporaryDirectory(t);
  await open(t, directory).append('of another process');
  const { spool, append, lost, report } = open(t, directory, { maxBytes: 20 * 4096 });
  await spool.tend();
  const made = names(50);
  const sending = await keep(spool, 'sending');
  for (const name of made) {
    await append(name);
    t.ok(readdirSync(directory).length <= 20, 'a small file takes a block of the disk');
  }
  t.same(await drain(spool), made.slice(-19));
  t.same(lost(), { spool_full: 32 });
  t.equal(report.counts.recovered, 1);
  spool.putBack(sending);
  t.same(await drain(spool), ['sending'], 'what is being sent is not dropped');
});

t.test('folders that are made at the same time are there for all', async (t) => {
  const parent = join(temporaryDirectory(t), 'data', 'spool');
  const spools = Array.from({ length: 20 }, (_, index) => open(t, join(parent, 'service', String(index))));
  await Promise.all(spools.map(({ append }) => append('one')));
  t.same(
    spools.map(({ spool, notices }) => [spool.size.items, notices]),
    spools.map(() => [1, []]),
  );
});

t.test(
  'folders of the spool that are open to other users are closed, and others are made closed',
  async (t) => {
    const dataDirectory = temporaryDirectory(t);
    const folders = ['spool', 'spool/test-service', 'spool/test-service/destination-0'];
    const modes = () => folders.map((folder) => statSync(join(dataDirectory, folder)).mode & 0o777);
    const fill = async () => {
      const { delivery, end } = startDelivery(t, { dataDirectory });
      end('kept');
      await delivery.shutdown(0);
    };
    await fill();
    t.strictSame(modes(), [0o700, 0o700, 0o700]);
    for (const folder of folders) chmodSync(join(dataDirectory, folder), 0o755);
    await fill();
    t.strictSame(modes(), [0o700, 0o700, 0o700]);
  },
);
