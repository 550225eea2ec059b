import {
  closeSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { encodeTraces } from '@tandem/otlp';
import type { Test } from 'tap';
import t from 'tap';
import type { JournalLoss } from '../../../../src/core/store/journal/journal.ts';
import { encodeRecord, findRecords, isTorn, Journal } from '../../../../src/core/store/journal/journal.ts';
import { BAD_JOURNALS } from '../../../../testing/bad-journals.ts';
import { decoded, temporaryDirectory } from '../../../spans.ts';

const ROWS = 1_000;
const HEADER_BYTES = 36;
/** The first byte of each field of a record's header, and of its body. */
const FIELDS = {
  mark: 0,
  checksum: 4,
  signal: 8,
  'length of the name': 10,
  length: 12,
  rows: 16,
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
  const journal = await Journal.open(directory);
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
      at = 0;
    }
  }
  await journal.close();
  const paths = readdirSync(directory)
    .toSorted()
    .map((name) => join(directory, name));
  return { directory, paths, starts, end: at };
}

function overwrite(path: string, bytes: Buffer, at: number): void {
  const file = openSync(path, 'r+');
  writeSync(file, bytes, 0, bytes.byteLength, at);
  closeSync(file);
}

/** What a start finds: how many rows, and what it says is lost. */
async function readBack(directory: string) {
  const journal = await Journal.open(directory);
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
    const ends = files.map((bytes) => bytes.byteLength - findRecords(bytes).tail.byteLength);
    for (const record of [0, 2, 5])
      for (const [field, offset] of Object.entries(FIELDS))
        for (const length of LENGTHS)
          for (const value of [0x00, 0xff]) {
            const path = paths[Math.floor(record / perSegment)] as string;
            const whole = files[Math.floor(record / perSegment)] as Buffer;
            const from = (starts[record] as number) + offset;
            const part = whole.subarray(from, from + length);
            // Zeros up to the last byte cannot be told from what was never written.
            const isRest = value === 0 && from + length >= (ends[Math.floor(record / perSegment)] as number);
            if (isRest || part.every((byte) => byte === value)) continue;
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
    // Sectors are written whole: the last bytes of a body are not torn from it.
    for (let end = first; end < first + second - 4; end++) {
      const { records, tail } = findRecords(Buffer.from(whole).fill(0, end));
      // Written up to the end of a sector.
      if (records.length !== 1 || !isTorn(tail, 2, -(end - first)))
        t.fail(`${end - first} bytes of ${second}`);
    }
  }
});

for (const { damage, isSaid, lost, change } of BAD_JOURNALS)
  t.test(
    `${damage}: ${isSaid ? 'the rows are counted, and the file is kept' : 'nothing is said'}`,
    async (t) => {
      const { directory, paths, starts, end } = await sixRecords(t, plain);
      const [path = ''] = paths;
      const bytes = change({ bytes: readFileSync(path), starts: [...starts, end] });
      writeFileSync(path, bytes);
      const { rows, said, journal, ...found } = await readBack(directory);
      t.equal(rows, (6 - lost(6)) * ROWS);
      t.equal(found.lost, isSaid ? lost(6) * ROWS : 0);
      await journal.forget(Number.POSITIVE_INFINITY);
      const kept = readdirSync(directory);
      t.equal(kept.length, isSaid ? 1 : 0);
      t.equal(said.length, isSaid ? 1 : 0);
      for (const name of kept) {
        t.match(name, /^damaged-\d{12}\.journal$/u);
        t.equal(said[0]?.keptAs, join(directory, name));
        t.ok(readFileSync(join(directory, name)).equals(bytes), 'as it was');
      }
    },
  );

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
