import {
  closeSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { crc32, gzipSync } from 'node:zlib';
import { encodeTraces } from '@tandem/otlp';
import type { Test } from 'tap';
import t from 'tap';
import { Acknowledged } from '../../../../src/core/store/journal/acknowledged.ts';
import { isDamaged } from '../../../../src/core/store/journal/damage.ts';
import type { JournalLoss } from '../../../../src/core/store/journal/journal.ts';
import { encodeRecord, findRecords, Journal } from '../../../../src/core/store/journal/journal.ts';
import { BAD_JOURNALS } from '../../../../testing/bad-journals.ts';
import { decoded, temporaryDirectory } from '../../../spans.ts';

const ROWS = 1_000;
/** Six records, and zeros behind them. Each start reads a whole segment, so the 8 MiB of a store would take most of the time. */
const SEGMENT_BYTES = 16 * 1024;
const HEADER_BYTES = 40;
/** The first byte of each field of a record's header, and of its body. */
const FIELDS = {
  mark: 0,
  checksum: 4,
  signal: 8,
  'length of the name': 10,
  length: 12,
  rows: 16,
  'checksum of the header': 36,
  body: HEADER_BYTES,
};
const LENGTHS = [1, 2, 4, 20, 200];

const plain = (name: string) =>
  Buffer.from(encodeTraces(decoded(Array.from({ length: 8 }, (_, n) => ({ name: `${name} ${n}` })))));
const gzipped = (name: string) => gzipSync(plain(name));
/** Ends with zeros of its own: the flags of its last span, as many senders write them. */
const flagged = (name: string) =>
  Buffer.concat([Buffer.from([0x0a, 0x0e]), Buffer.from(name.padEnd(8)), Buffer.from([0x85, 1, 0, 1, 0, 0])]);

/** A journal of six records of 1,000 rows, and the first byte of each. */
async function sixRecords(t: Test, bodyOf: (name: string) => Buffer, perSegment = 6) {
  const directory = temporaryDirectory(t);
  const journal = await Journal.open(directory, SEGMENT_BYTES);
  const starts: number[] = [];
  let at = 0;
  for (let n = 0; n < 6; n++) {
    const record = {
      signal: 'traces',
      seq: 1 + n * ROWS,
      rows: ROWS,
      received: Date.now(),
      body: bodyOf(`record ${n}`),
    } as const;
    await journal.append([record]);
    starts.push(at);
    at += Buffer.concat(encodeRecord(record)).byteLength;
    if ((n + 1) % perSegment === 0) {
      await journal.close();
      if (n < 5) at = 0;
    }
  }
  await journal.close();
  const paths = readdirSync(directory)
    .filter((name) => name.endsWith('.journal'))
    .toSorted()
    .map((name) => join(directory, name));
  return { directory, paths, starts, end: at };
}

/** Says up to which row senders had an answer. */
async function acknowledgedUpTo(directory: string, end: number): Promise<void> {
  const acknowledged = new Acknowledged(directory);
  await acknowledged.write(end);
  await acknowledged.close();
}

function overwrite(path: string, bytes: Buffer, at: number): void {
  const file = openSync(path, 'r+');
  writeSync(file, bytes, 0, bytes.byteLength, at);
  closeSync(file);
}

/** What a start finds: how many rows, and what it says is lost. */
async function readBack(directory: string) {
  const journal = await Journal.open(directory, SEGMENT_BYTES);
  const said: JournalLoss[] = [];
  let rows = 0;
  for await (const record of journal.read(1, (loss) => void said.push(loss))) rows += record.rows;
  return { rows, said, lost: said.reduce((sum, loss) => sum + loss.rows, 0), journal };
}

for (const [kind, bodyOf, perSegment] of [
  ['plain', plain, 6],
  ['plain', plain, 2],
  ['gzipped', gzipped, 6],
  ['flagged', flagged, 6],
] as const)
  t.test(`${kind} bodies, ${perSegment} records a file: damage is said, wherever it is`, async (t) => {
    const { directory, paths, starts } = await sixRecords(t, bodyOf, perSegment);
    const files = paths.map((path) => readFileSync(path));
    for (const record of [0, 2, 5])
      for (const [field, offset] of Object.entries(FIELDS))
        for (const length of LENGTHS)
          for (const value of [0x00, 0xff]) {
            const path = paths[Math.floor(record / perSegment)] as string;
            const whole = files[Math.floor(record / perSegment)] as Buffer;
            const from = (starts[record] as number) + offset;
            const part = whole.subarray(from, from + length);
            if (part.every((byte) => byte === value)) continue;
            overwrite(path, Buffer.alloc(length, value), from);
            const { rows, said, lost } = await readBack(directory);
            overwrite(path, part, from);
            const what = `record ${record}, ${length} bytes of ${value} from its ${field} on`;
            if (rows < 6 * ROWS && said.length === 0) t.fail(`${what}: ${rows} rows, and nothing is said`);
            // The body alone is damaged: the record's header still counts it.
            if (offset === HEADER_BYTES && length <= 20 && rows + lost !== 6 * ROWS)
              t.fail(`${what}: ${rows} rows are read, and ${lost} are said to be lost`);
          }
  });

t.test('what a killed process leaves is no loss, at whichever byte it was killed', async (t) => {
  for (const bodyOf of [plain, gzipped, flagged]) {
    const records = [1, 2].map(
      (n) => ({ signal: 'traces', seq: n, rows: 1, received: Date.now(), body: bodyOf(`${n}`) }) as const,
    );
    const whole = Buffer.concat([...records.flatMap(encodeRecord), Buffer.alloc(5_000)]);
    const [first = 0, second = 0] = records.map((each) => Buffer.concat(encodeRecord(each)).byteLength);
    for (let end = first; end < first + second; end++) {
      const found = findRecords(Buffer.from(whole).fill(0, end));
      if (found.records.length !== 1 || found.lost.length > 0 || isDamaged(found))
        t.fail(`${end - first} bytes of ${second}`);
    }
  }
});

t.test('a record is read once, wherever it is, and in the order of its rows', async (t) => {
  const directory = temporaryDirectory(t);
  const whole = await sixRecords(t, plain);
  const [path = ''] = whole.paths;
  const bytes = readFileSync(path);
  const starts = [...whole.starts, whole.end];
  const record = (n: number) => Buffer.from(bytes.subarray(starts[n], starts[n + 1]));
  const files: Readonly<Record<string, readonly Buffer[]>> = {
    'twice in a file': [Buffer.concat([bytes.subarray(0, whole.end), record(2), record(5)])],
    'a file copied as a later one': [bytes, bytes],
    'in another order': [Buffer.concat([0, 1, 3, 2, 5, 4].map(record))],
    'half a record again behind the last': [
      Buffer.concat([bytes.subarray(0, whole.end), record(1).subarray(0, 60)]),
    ],
    'bytes that are no record behind the last': [
      Buffer.concat([bytes.subarray(0, whole.end), Buffer.alloc(5_000, 'no record')]),
    ],
  };
  for (const [what, contents] of Object.entries(files)) {
    for (const [index, content] of contents.entries()) {
      const file = Buffer.alloc(bytes.byteLength);
      content.copy(file);
      writeFileSync(join(directory, `explorer-00000000000${index + 1}.journal`), file);
    }
    const journal = await Journal.open(directory, SEGMENT_BYTES);
    const seqs: number[] = [];
    for await (const { seq } of journal.read(1, () => t.fail(`${what}: nothing is lost`))) seqs.push(seq);
    t.same(
      seqs,
      [0, 1, 2, 3, 4, 5].map((n) => 1 + n * ROWS),
      what,
    );
    await journal.forget(Number.POSITIVE_INFINITY);
    t.same(readdirSync(directory), [], `${what}: no file is kept`);
  }
});

t.test(
  'records of the version before are read; of a damaged one the next shows how many rows are lost',
  async (t) => {
    const directory = temporaryDirectory(t);
    const { paths, starts } = await sixRecords(t, plain);
    const { records } = findRecords(readFileSync(paths[0] ?? ''));
    const old = records.map(({ seq, rows, received, body }) => asOldRecord(seq, rows, received, body));
    const file = (...parts: readonly Buffer[]) => {
      const bytes = Buffer.alloc(SEGMENT_BYTES);
      Buffer.concat(parts).copy(bytes);
      writeFileSync(join(directory, 'explorer-000000000001.journal'), bytes);
      return readBack(directory);
    };
    t.equal(starts.length, 6);
    t.match(await file(...old), { rows: 6 * ROWS, said: [] });
    const [last = Buffer.alloc(0)] = old.slice(-1);
    t.match(
      await file(...old.slice(0, -1), last.subarray(0, -9)),
      { rows: 5 * ROWS, said: [] },
      'a torn one',
    );
    const damaged = Buffer.from(old[2] ?? '').fill(0xff, 40, 60);
    t.match(await file(...old.with(2, damaged)), { rows: 5 * ROWS, lost: ROWS, said: { length: 1 } });
  },
);

/** As the version before wrote it. */
function asOldRecord(seq: number, rows: number, received: number, body: Uint8Array): Buffer {
  const header = Buffer.alloc(36);
  header.write('TJR7', 'latin1');
  header.writeUInt32LE(body.byteLength, 12);
  header.writeUInt32LE(rows, 16);
  header.writeBigUInt64LE(BigInt(seq), 20);
  header.writeBigUInt64LE(BigInt(received), 28);
  header.writeUInt32LE(crc32(body, crc32(header.subarray(8))), 4);
  return Buffer.concat([header, body]);
}

for (const { damage, isSaid, isAcknowledged = true, lost, change } of BAD_JOURNALS)
  t.test(`${damage}: ${isSaid ? 'the rows are counted' : 'nothing is said'}`, async (t) => {
    const { directory, paths, starts, end } = await sixRecords(t, plain);
    const [path = ''] = paths;
    const bytes = change({ bytes: readFileSync(path), starts: [...starts, end] });
    writeFileSync(path, bytes);
    if (!isAcknowledged) await acknowledgedUpTo(directory, 1 + 5 * ROWS);
    const { rows, said, journal, ...found } = await readBack(directory);
    t.equal(rows, (6 - lost(6)) * ROWS);
    t.equal(found.lost, isSaid ? lost(6) * ROWS : 0);
    await journal.forget(Number.POSITIVE_INFINITY);
    const kept = readdirSync(directory);
    t.equal(said.length, isSaid ? 1 : 0);
    t.equal(kept.length, said[0]?.keptAs === undefined ? 0 : 1);
    for (const name of kept) {
      t.match(name, /^damaged-\d{12}\.journal$/u);
      t.equal(said[0]?.keptAs, join(directory, name));
      t.ok(readFileSync(join(directory, name)).equals(bytes), 'as it was');
    }
  });

t.test('a checkpoint before the journal is read hides no loss', async (t) => {
  const { directory, paths } = await sixRecords(t, plain);
  for (const path of paths) rmSync(path);
  const journal = await Journal.open(directory, SEGMENT_BYTES);
  await journal.forget(1);
  const said: JournalLoss[] = [];
  for await (const record of journal.read(1, (loss) => void said.push(loss))) t.fail(`${record.seq}`);
  t.match(said, [{ rows: 6 * ROWS, isLeast: true, areFilesGone: true, path: directory }]);
});

t.test('damaged files that are kept take a bounded room: the oldest go', async (t) => {
  const { directory, paths } = await sixRecords(t, plain);
  for (let n = 1; n <= 9; n++)
    writeFileSync(join(directory, `damaged-00000000000${n}.journal`), Buffer.alloc(9 * 1024 * 1024, 1));
  truncateSync(paths[0] as string, statSync(paths[0] as string).size - 1);
  const { journal } = await readBack(directory);
  await journal.forget(Number.POSITIVE_INFINITY);
  const kept = readdirSync(directory).toSorted();
  t.ok(kept.length < 10, kept.join());
  t.notOk(kept.includes('damaged-000000000002.journal'), 'an old one');
});
