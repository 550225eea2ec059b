import t from 'tap';
import type { JournalRecord } from '../../../../src/core/store/journal/journal.ts';
import { encodeRecord, findRecords, isTorn } from '../../../../src/core/store/journal/journal.ts';

/** @param body by default a list of resources as OTLP has it: its length before it */
function record(seq: number, body = `\n\x09body of ${seq % 10}`): JournalRecord {
  return {
    signal: seq % 2 === 0 ? 'logs' : 'traces',
    seq,
    rows: 3,
    received: 1_700_000_000_123,
    body: Buffer.from(body),
  };
}

function bytesOf(records: readonly JournalRecord[]): Buffer {
  return Buffer.concat(records.flatMap(encodeRecord));
}

/** The second one's sender named a dataset. */
const three: readonly JournalRecord[] = [
  record(1),
  { ...record(2 ** 40), dataset: 'ünnamed no more' },
  record(7),
];

t.test('records are read back as they were written', async (t) => {
  t.same(findRecords(bytesOf(three)), { records: three, tail: Buffer.alloc(0) });
  const empty = record(1, '');
  t.same(findRecords(bytesOf([empty])).records, [empty], 'one without a body');
});

t.test('a record that ends too soon is the end, at whichever byte', async (t) => {
  const whole = bytesOf(three);
  const two = bytesOf(three.slice(0, 2));
  for (let end = two.byteLength; end < whole.byteLength; end++) {
    const { records, tail } = findRecords(whole.subarray(0, end));
    const isWhole = records.length === 2 && tail.byteLength === end - two.byteLength;
    if (!isWhole || !isTorn(tail)) t.fail(`${end} bytes`);
  }
});

t.test('whichever bit of a record is wrong, the others are read', async (t) => {
  const whole = bytesOf(three);
  const [first = 0, second = 0] = three.map((each) => bytesOf([each]).byteLength);
  for (let bit = first * 8; bit < (first + second) * 8; bit++) {
    const bytes = Buffer.from(whole);
    bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    const { records } = findRecords(bytes);
    if (records.map(({ seq }) => seq).join() !== '1,7') t.fail(`bit ${bit}`);
  }
});
