import { deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import t from 'tap';
import type { JournalRecord } from '../../src/store/journal-record.ts';
import { encodeRecord, findRecords, unpack, wholeBody } from '../../src/store/journal-record.ts';

const SALT = 0x1234_5678;

function record(seq: number, body: string | Buffer = `body of ${seq}`): JournalRecord {
  return {
    signal: seq % 2 === 0 ? 'logs' : 'traces',
    seq,
    rows: 3,
    received: 1_700_000_000_123,
    body: { bytes: Buffer.from(body) },
  };
}

function bytesOf(records: readonly JournalRecord[]): Buffer {
  return Buffer.concat(records.flatMap((each) => encodeRecord(each, SALT)));
}

/** The second is packed, and its sender named a dataset. */
const three: readonly JournalRecord[] = [
  record(1),
  {
    ...record(2 ** 40),
    dataset: 'ünnamed no more',
    body: { bytes: Buffer.from('packed'), packing: { coding: 'zstd', unpackedBytes: 5_000 } },
  },
  record(7),
];
const seqs = (bytes: Buffer) => findRecords(bytes, 0, SALT).records.map(({ seq }) => seq);

t.test('records are read back as they were written', async (t) => {
  t.same(findRecords(bytesOf(three), 0, SALT), { records: three, damaged: 0, tailBytes: 0 });
  const empty = record(1, '');
  t.same(findRecords(bytesOf([empty]), 0, SALT).records, [empty], 'one without a body');
});

t.test('a record that ends too soon is the end, at whichever byte', async (t) => {
  const whole = bytesOf(three);
  const two = bytesOf(three.slice(0, 2));
  for (let end = two.byteLength; end < whole.byteLength; end++) {
    const { records, damaged, tailBytes } = findRecords(whole.subarray(0, end), 0, SALT);
    if (records.length !== 2 || damaged !== 0 || tailBytes !== end - two.byteLength) t.fail(`${end} bytes`);
  }
});

t.test('whichever bit of a record is wrong, the others are read', async (t) => {
  const whole = bytesOf(three);
  const [first = 0, second = 0] = three.map((each) => bytesOf([each]).byteLength);
  for (let bit = first * 8; bit < (first + second) * 8; bit++) {
    const bytes = Buffer.from(whole);
    bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    const { records, damaged } = findRecords(bytes, 0, SALT);
    if (damaged !== 1 || records.map(({ seq }) => seq).join() !== '1,7') t.fail(`bit ${bit}`);
  }
});

t.test('what a sender puts into a body does not pass for a record', async (t) => {
  const inner = Buffer.concat(encodeRecord(record(99), SALT + 1));
  const bytes = bytesOf([record(1, inner), record(2)]);
  t.same(seqs(bytes), [1, 2]);
  bytes[4] = (bytes[4] ?? 0) ^ 1;
  t.same(seqs(bytes), [2], 'nor when the record around it is damaged');
});

const BODY = Buffer.from('GET /api/activities/home '.repeat(400));
const PACKED = [
  ['gzip', gzipSync(BODY)],
  ['gzip', Buffer.concat([gzipSync(BODY.subarray(0, 99)), gzipSync(BODY.subarray(99))])],
  ['deflate', deflateSync(BODY)],
  ['deflate', deflateRawSync(BODY)],
  ['zstd', zstdCompressSync(BODY)],
  ['zstd', Buffer.concat([zstdCompressSync(BODY.subarray(0, 99)), zstdCompressSync(BODY.subarray(99))])],
] as const;

t.test('a packed body is kept as it came, and unpacked to the byte', async (t) => {
  for (const [coding, came] of PACKED) {
    const whole = wholeBody(came, coding, BODY);
    t.equal(whole.bytes, came);
    t.ok(BODY.equals(unpack(whole)), coding);
  }
  t.equal(unpack(wholeBody(BODY, undefined, BODY)), BODY);
});

t.test('what does not become the bytes that were packed is refused', async (t) => {
  const packed = gzipSync(BODY);
  const { byteLength } = BODY;
  const gzip = (bytes: Buffer, unpackedBytes = byteLength) =>
    unpack({ bytes, packing: { coding: 'gzip', unpackedBytes } });
  const flipped = Buffer.from(packed);
  flipped[packed.byteLength >> 1] = ~(flipped[packed.byteLength >> 1] ?? 0);
  t.throws(() => gzip(flipped));
  t.throws(() => gzip(packed.subarray(0, -9)));
  t.throws(() => gzip(packed, byteLength - 1), { code: 'ERR_BUFFER_TOO_LARGE' });
  t.throws(() => gzip(packed, byteLength + 1), /were unpacked/);
  t.throws(() => unpack({ bytes: packed, packing: { coding: 'zstd', unpackedBytes: byteLength } }));
});
