import type { DuckDBType } from '@duckdb/node-api';
import { BLOB, DuckDBDataChunk, DuckDBInstance, VARCHAR } from '@duckdb/node-api';
import duckdb from '@duckdb/node-bindings';
import type { Attribute } from '@tandem/otlp';
import { attributesOf } from '@tandem/otlp';
import t from 'tap';
import type { FieldValue } from '../../../../src/core/fields/field-type.ts';
import { flattenAttributes } from '../../../../src/core/fields/flatten.ts';
import { Batch, ColumnBuffer } from '../../../../src/core/store/rows/batch.ts';
import { Catalogue, MAX_PAIRS } from '../../../../src/core/store/table/catalogue.ts';
import { createTables } from '../../../../src/core/store/table/database.ts';
import { CHUNK_ROWS, VectorFiller } from '../../../../src/core/store/table/vectors.ts';

/** What a column was given, row by row. */
function rowsOf({ rows, values, end }: ColumnBuffer): (FieldValue | undefined)[] {
  const all: (FieldValue | undefined)[] = new Array(end).fill(undefined);
  for (const [index, row] of rows.entries()) all.fill(values[index], row, rows[index + 1] ?? end);
  return all;
}

t.test('a column gives back what rows were given', async (t) => {
  const column = new ColumnBuffer('field');
  const given: (FieldValue | undefined)[] = [];
  const values: FieldValue[] = ['a', 'a', 'b', 0, -0, Number.NaN, Number.NaN, 2n ** 60n, true, 'true'];
  for (let row = 0; row < 400; row++) {
    // Gaps at the start and in between.
    if (row < 3 || row % 7 === 5) continue;
    for (let times = 0; times <= row % 3; times++) {
      const value = values[(row * 5 + times) % values.length] as FieldValue;
      column.set(row, value);
      given[row] = value;
    }
  }
  t.ok(rowsOf(column).every((value, row) => Object.is(value, given[row])));
  t.equal(rowsOf(column).length, given.length);
});

t.test('a row whose value is set again leaves those before it as they are', async (t) => {
  const column = new ColumnBuffer('field');
  for (const row of [0, 1, 2]) column.set(row, 'same');
  column.set(2, 'other');
  column.set(2, 'another');
  column.set(3, 'another');
  t.same(rowsOf(column), ['same', 'same', 'another', 'another']);
  column.set(3, 'same');
  t.same(rowsOf(column), ['same', 'same', 'another', 'same']);
});

t.test('0 and -0 are two values', async (t) => {
  const column = new ColumnBuffer('field');
  for (const [row, value] of [0, -0, 0].entries()) column.set(row, value);
  t.ok(rowsOf(column).every((value, row) => Object.is(value, row === 1 ? -0 : 0)));
});

t.test('equal values take no room', async (t) => {
  const column = new ColumnBuffer('field');
  for (let row = 0; row < 1_000; row++) column.set(row, 'same');
  t.equal(column.values.length, 1);
});

const NO_BYTES = new Uint8Array();
const SOURCE = {
  resource: { attributes: [], droppedAttributesCount: 0, schemaUrl: '', raw: NO_BYTES },
  scope: {
    name: '',
    version: '',
    attributes: [],
    droppedAttributesCount: 0,
    schemaUrl: '',
    raw: NO_BYTES,
  },
};

const [method, route, otherRoute, status] = attributesOf({
  'http.request.method': 'GET',
  'http.route': '/a',
  'url.path': '/b',
  status: 200,
}) as [Attribute, Attribute, Attribute, Attribute];
const routeAgain: Attribute = { ...route, value: '/c' };
const rate: Attribute = { ...status, key: 'SampleRate' };
const long = attributesOf(
  Object.fromEntries(Array.from({ length: 8 }, (_, n) => [`long.${n}`, `${n}`.repeat(4_000)])),
);

/** Rows by their dataset and attributes. */
const ROWS: readonly (readonly [dataset: string, attributes: readonly Attribute[]])[] = [
  ['a', [method, route, status]],
  ['a', [method, route, status]],
  ['a', [method, route, route, routeAgain]],
  ['a', [method, routeAgain, status]],
  ['b', [method, routeAgain, status]],
  ['b', [status, method, otherRoute]],
  ['b', []],
  ['b', [status, method, rate, rate]],
  // Past its limit a row's texts are cut, and those of a row with room are not.
  ['b', [...long, method]],
  ['b', [...long, method]],
  ['b', long.slice(6)],
  ['b', [...long.slice(6), method]],
  ['b', long],
];

function buffered(attributesOf: (given: readonly Attribute[]) => readonly Attribute[]) {
  const rows = new Batch();
  for (const [dataset, attributes] of ROWS) {
    rows.scope(SOURCE, dataset, 1n);
    rows.share(new Map());
    rows.start({ time: 1n, message: undefined, bytes: 0, sampleRate: 1 });
    flattenAttributes(attributesOf(attributes), rows, 'trace');
    rows.set('name', 'string', 'span');
  }
  const columns = [...rows.columns.values()].map(({ name, rows, values, end, types, datasets }) => {
    return { name, rows, values, end, types, datasets: [...datasets] };
  });
  return { columns, weights: rows.weights };
}

t.test('an attribute that comes again as the same object is written as any other', async (t) => {
  const again = buffered((given) => given);
  t.strictSame(
    again,
    buffered((given) => given.map((attribute) => ({ ...attribute }))),
  );
  t.ok(again.columns.some(({ name, values }) => name === 'long.7' && new Set(values).size > 1));
});

t.test(
  'the same attribute of a span and of a log record is two fields where the name is the explorer’s',
  (t) => {
    const rows = new Batch();
    const [name] = attributesOf({ name: 'charge' });
    rows.scope(SOURCE, 'a', 1n);
    for (const signal of ['trace', 'log'] as const) {
      rows.start({ time: 1n, message: undefined, bytes: 0, sampleRate: 1 });
      if (name) flattenAttributes([name], rows, signal);
    }
    t.same([...rows.columns.keys()], ['attribute.name', 'name']);
    t.end();
  },
);

/** What a chunk has of texts or bytes that were written into it. */
function written(
  values: readonly (string | Uint8Array | undefined)[],
  type: DuckDBType = VARCHAR,
): unknown[] {
  const chunk = DuckDBDataChunk.create([type]);
  chunk.rowCount = values.length;
  const vector = duckdb.data_chunk_get_vector(chunk.chunk, 0);
  new VectorFiller().fill(vector, 'string', values.length, (write) => {
    for (const [row, value] of values.entries()) {
      if (value === undefined || value === values[row - 1]) continue;
      const end = values.findIndex((other, at) => at > row && other !== value);
      write(value, row, end < 0 ? values.length : end);
    }
  });
  return chunk.getColumnValues(0).map((value) => (value === null ? undefined : value));
}

t.test('Texts of every length are what was given, in a chunk of their own', async (t) => {
  for (const character of ['a', 'é', '€', '😀', '\0', '"']) {
    const texts = [0, 1, 3, 4, 5, 11, 12, 13, 14, 63, 64, 65, 300, 70_000].map((length) =>
      character.repeat(length),
    );
    t.same(written(texts), texts, `of ${JSON.stringify(character)}`);
  }
});

t.test('ASCII goes before another character within the length of a short text', async (t) => {
  const texts = ['aaaé', 'aaaaaaaaaaaé', 'aaaaaaaaaaaaaaaaé', `${'a'.repeat(63)}é`, 'aé', 'a'];
  t.same(written(texts), texts);
});

t.test('A lone surrogate is U+FFFD', async (t) => {
  t.same(written(['\ud83d', `${'x'.repeat(20)}\ud83d`]), ['\ufffd', `${'x'.repeat(20)}\ufffd`]);
});

t.test('A whole chunk of long texts, with rows that have none and rows that repeat', async (t) => {
  const texts = Array.from({ length: CHUNK_ROWS }, (_, row) =>
    row % 5 === 4 ? undefined : `${Math.floor(row / 2)} `.repeat(1 + (row % 90)),
  );
  t.same(written(texts), texts);
  const same = new Array(CHUNK_ROWS).fill('the same text in each of the rows');
  t.same(written(same), same);
});

t.test('Bytes of every length', async (t) => {
  const bytes = [0, 1, 12, 13, 65_535, 65_536, 65_537, 8_000, 60_000].map((length) =>
    Uint8Array.from({ length }, (_, index) => (index * 7 + length) & 0xff),
  );
  const found = written(bytes, BLOB) as { readonly bytes: Uint8Array }[];
  t.same(
    found.map((value) => Buffer.from(value.bytes).toString('hex')),
    bytes.map((value) => Buffer.from(value).toString('hex')),
  );
});

const FIELDS = 40;

t.test(
  'services without end do not fill the memory with their fields; those that are gone make room',
  async (t) => {
    const instance = await DuckDBInstance.create(':memory:');
    const connection = await instance.connect();
    t.teardown(() => {
      connection.closeSync();
      instance.closeSync();
    });
    await connection.run("ATTACH ':memory:' AS store");
    await connection.run('USE store');
    await createTables(connection);
    const catalogue = new Catalogue(256);
    await catalogue.load(connection);
    const rowsOf = (service: number) => {
      const rows = new Batch();
      rows.scope(SOURCE, `s${service}`, 1n);
      rows.start({ time: 1n, message: undefined, bytes: 0, sampleRate: 1 });
      for (let field = 0; field < FIELDS; field++) rows.set(`f${field}`, 'integer', 1);
      return rows;
    };
    await catalogue.add(connection, catalogue.plan(rowsOf(0)).missing, 0);
    for (let service = 0; service < 100; service++) catalogue.touch(catalogue.plan(rowsOf(service)), service);
    t.ok(catalogue.knowsDatasets);
    for (let service = 100; service < MAX_PAIRS / FIELDS + 10; service++)
      catalogue.touch(catalogue.plan(rowsOf(service)), service);
    t.notOk(catalogue.knowsDatasets, 'so that nobody takes what is missing for absent');
    t.equal(catalogue.ofDataset('s7'), undefined);
    catalogue.forgetDatasets((name) => name.length < 4);
    t.ok(catalogue.knowsDatasets);
    catalogue.touch(catalogue.plan(rowsOf(20_000)), 1);
    t.equal(catalogue.ofDataset('s20000')?.size, FIELDS);
  },
);
