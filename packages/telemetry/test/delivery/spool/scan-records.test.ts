import t from 'tap';
import { DONE, decodeRecord, encodeRecord, scanRecords } from '../../../src/delivery/spool/scan-records.ts';

const record = (text: string, items: number) => encodeRecord({ body: Buffer.from(text), items });
const FIRST = record('a'.repeat(40), 3);
const SECOND = record('b'.repeat(40), 5);
const THIRD = record('c'.repeat(40), 7);
const file = () => Buffer.concat([FIRST, SECOND, THIRD]);

t.test('whole records are found, those that are done left out', async (t) => {
  const bytes = file();
  bytes[0] = DONE;
  t.same(scanRecords(bytes), {
    records: [
      { offset: 56, length: 40, items: 5 },
      { offset: 112, length: 40, items: 7 },
    ],
    damagedBytes: 0,
    damagedItems: 0,
  });
  t.same(decodeRecord(FIRST), Buffer.from('a'.repeat(40)));
});

t.test('any one flipped bit harms one record at most, and it is counted', async (t) => {
  for (let bit = 0; bit < SECOND.length * 8; bit++) {
    const bytes = file();
    const at = FIRST.length + (bit >>> 3);
    bytes[at] = (bytes[at] ?? 0) ^ (1 << (bit & 7));
    const { records, damagedBytes, damagedItems } = scanRecords(bytes);
    const found = records.map(({ items }) => items);
    const isInNumberOfSpans = bit >= 64 && bit < 96;
    if (damagedBytes === 0) {
      t.same(found, [3, 5, 7], `bit ${bit} matters to nobody`);
      t.ok(bit < 32, 'state, mark or reserved bytes');
    } else {
      t.same(found, [3, 7], `bit ${bit}`);
      t.equal(damagedBytes, SECOND.length);
      if (isInNumberOfSpans) t.ok(damagedItems >= 1 && damagedItems <= SECOND.length);
      else t.equal(damagedItems, 5);
    }
  }
});

t.test('bytes that never were a record, between, before and behind records, are one loss each', async (t) => {
  for (const garbage of [Buffer.alloc(100), Buffer.from('no record at all'), Buffer.alloc(100, 0xa7)]) {
    const bytes = Buffer.concat([garbage, FIRST, garbage, SECOND, garbage]);
    const { records, damagedBytes } = scanRecords(bytes);
    t.same(
      records.map(({ items }) => items),
      [3, 5],
    );
    t.equal(damagedBytes, 3 * garbage.length);
  }
});

t.test(
  'a torn last record counts the spans that its header names; a damaged one that was done none',
  async (t) => {
    t.match(scanRecords(file().subarray(0, -1)), { records: [{}, {}], damagedItems: 7 });
    t.match(scanRecords(file().subarray(0, 112 + 5)), { records: [{}, {}], damagedItems: 1 });
    const bytes = file();
    bytes[0] = DONE;
    bytes[20] = 0;
    t.match(scanRecords(bytes), { records: [{}, {}], damagedBytes: FIRST.length, damagedItems: 0 });
  },
);

t.test('damage that looks like the start of a record at every place is given up after a limit', async (t) => {
  const lure = Buffer.from(record('', 1));
  lure.writeUInt32LE(3_000_000, 4);
  const bytes = Buffer.concat([...Array.from({ length: 250_000 }, () => lure), FIRST]);
  t.match(scanRecords(bytes), { records: [], damagedBytes: bytes.length });
});
