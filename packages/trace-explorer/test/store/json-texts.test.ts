import t from 'tap';
import { OCCASIONAL_FIELDS } from '../../src/fields/core-fields.ts';
import type { FieldValue } from '../../src/fields/field-type.ts';
import { FieldCatalogue } from '../../src/store/field-catalogue.ts';
import { jsonTexts } from '../../src/store/json-texts.ts';
import { RowBuffer } from '../../src/store/row-buffer.ts';

const SOURCE = {
  resource: { attributes: [], droppedAttributesCount: 0, schemaUrl: '', raw: new Uint8Array() },
  scope: {
    name: '',
    version: '',
    attributes: [],
    droppedAttributesCount: 0,
    schemaUrl: '',
    raw: new Uint8Array(),
  },
};

/** Rows of one resource after the other: what each shares, and what its rows have of their own. */
function rowsOf(
  groups: readonly { shared: Record<string, FieldValue>; own: Record<string, FieldValue>[] }[],
) {
  const rows = new RowBuffer();
  for (const { shared, own } of groups) {
    rows.group(SOURCE, 'd', 1n);
    const fields = Object.entries(shared).map(([name, value]) => [name, { type: 'string', value }] as const);
    rows.share(new Map(fields));
    for (const each of own) {
      rows.start({ time: 1n, message: undefined, bytes: 0, sampleRate: 1 });
      for (const [name, value] of Object.entries(each)) rows.set(name, 'string', value);
    }
  }
  return rows;
}

/** A catalogue that has put the fields of rows into columns. @param maxColumns besides those kept for the explorer's own */
function catalogueOf(rows: RowBuffer, maxColumns: number): FieldCatalogue {
  const catalogue = new FieldCatalogue(maxColumns + OCCASIONAL_FIELDS.size, 100);
  catalogue.apply(catalogue.plan(rows, 0));
  return catalogue;
}

t.test(
  'each row has one object: its own values, and those of its resource that it has none for',
  async (t) => {
    const rows = rowsOf([
      { shared: { both: 'r', resource: 'r' }, own: [{}, { both: 'own' }, {}, { a: 1, both: 'own' }] },
      { shared: {}, own: [{}, { a: 2n ** 60n }] },
      { shared: { both: 's', number: Number.NaN }, own: [{ a: true, 'it\'s "/~': 'x"\n' }, { a: 1.5 }] },
    ]);
    const texts = jsonTexts(rows, catalogueOf(rows, 0).fields);
    t.same([...texts.keys()], ['_spilled']);
    t.same(
      texts.get('_spilled')?.map((text) => text && JSON.parse(text)),
      [
        { both: 'r', resource: 'r' },
        { both: 'own', resource: 'r' },
        { both: 'r', resource: 'r' },
        { both: 'own', resource: 'r', a: 1 },
        undefined,
        { a: '1152921504606846976' },
        { both: 's', number: 'NaN', a: true, 'it\'s "/~': 'x"\n' },
        { both: 's', number: 'NaN', a: 1.5 },
      ],
    );
  },
);

t.test(
  'a field that the explorer writes itself has a column whenever it comes, of its usual type',
  async (t) => {
    const names = Array.from({ length: 300 }, (_, n) => `field ${n}`);
    const many = Object.fromEntries(names.map((name) => [name, 'x']));
    const rows = rowsOf([{ shared: {}, own: [many] }]);
    const catalogue = catalogueOf(rows, 300);
    t.equal(catalogue.fields.get('body'), undefined);
    t.match(catalogue.named.get('body'), { type: 'string', sql: 'CAST(NULL AS VARCHAR)' });
    rows.set('body', 'integer', 1);
    catalogue.apply(catalogue.plan(rows, 0));
    t.match(catalogue.fields.get('body'), { type: 'string', isInJson: false, sql: /^"f\d+"$/ });
    t.equal(catalogue.named.get('body'), catalogue.fields.get('body'));
  },
);

t.test('the first 256 fields have columns, later ones share one among 32, the rest is spilled', async (t) => {
  const names = Array.from({ length: 340 }, (_, n) => `field ${n}`);
  const rows = rowsOf([{ shared: {}, own: [Object.fromEntries(names.map((name) => [name, 'x']))] }]);
  const { columns, fields, spilledCount } = catalogueOf(rows, 330);
  t.equal(columns.length, 256 + 3);
  t.same([spilledCount, fields.size], [10, 340]);
  const texts = jsonTexts(rows, fields);
  const objects = [...texts].map(([column, [text = '']]) => [column, Object.keys(JSON.parse(text))]);
  t.strictSame(objects, [
    ['s256', names.slice(256, 288)],
    ['s257', names.slice(288, 320)],
    ['s258', names.slice(320, 330)],
    ['_spilled', names.slice(330)],
  ]);
});

t.test(
  'the objects of a row have a bound, in each column and together, and count as its bytes',
  async (t) => {
    const name = (n: number) => `${n}`.padEnd(200, 'n');
    const many = Object.fromEntries(Array.from({ length: 2_000 }, (_, n) => [name(n), n]));
    const rows = rowsOf([
      { shared: many, own: [{}, Object.fromEntries(Object.entries(many).reverse()), {}] },
    ]);
    const before = rows.weights[1] as number;
    const texts = [...jsonTexts(rows, catalogueOf(rows, 1_500).fields)];
    const bytes = (row: number, spilled: boolean) =>
      texts
        .filter(([column]) => (column === '_spilled') === spilled)
        .reduce((sum, [, each]) => sum + (each[row]?.length ?? 0), 0);
    for (const row of [0, 1, 2]) {
      t.ok(bytes(row, true) < 66_000, `${bytes(row, true)} bytes are spilled`);
      t.ok(bytes(row, false) < 200_000, `${bytes(row, false)} bytes in columns that fields share`);
    }
    t.equal(rows.weights[1], before + bytes(1, true) + bytes(1, false));
  },
);
