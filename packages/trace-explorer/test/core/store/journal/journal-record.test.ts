import t from 'tap';
import { isDamaged } from '../../../../src/core/store/journal/damage.ts';
import type { JournalRecord } from '../../../../src/core/store/journal/journal.ts';
import { encodeRecord, findRecords } from '../../../../src/core/store/journal/journal.ts';

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
  const nothing = { lost: [], hasGap: false, tail: Buffer.alloc(0) };
  t.same(findRecords(bytesOf(three)), { records: three, ...nothing });
  const empty = record(1, '');
  t.same(findRecords(bytesOf([empty])).records, [empty], 'one without a body');
});

t.test('a record that ends too soon is the end, at whichever byte', async (t) => {
  const whole = bytesOf(three);
  const two = bytesOf(three.slice(0, 2));
  for (let end = two.byteLength; end < whole.byteLength; end++) {
    const found = findRecords(whole.subarray(0, end));
    const isWhole = found.records.length === 2 && found.tail.byteLength === end - two.byteLength;
    if (!isWhole || isDamaged(found)) t.fail(`${end} bytes`);
  }
});

t.test(
  'whichever bit of a record is wrong, the others are read; without its mark or end, it is too',
  async (t) => {
    const whole = bytesOf(three);
    const [first = 0, second = 0] = three.map((each) => bytesOf([each]).byteLength);
    for (let bit = first * 8; bit < (first + second) * 8; bit++) {
      const bytes = Buffer.from(whole);
      bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      const { records, lost, hasGap } = findRecords(bytes);
      const isFrame = bit < (first + 4) * 8 || bit >= (first + second - 4) * 8;
      const expected = isFrame ? [1, 2 ** 40, 7] : [1, 7];
      if (records.map(({ seq }) => seq).join() !== expected.join()) t.fail(`bit ${bit}`);
      // Where the header is right, it counts the rows; where it is not, something could not be read.
      if (!isFrame && lost.length === 0 && !hasGap) t.fail(`bit ${bit} is not noticed`);
    }
  },
);
