import t from 'tap';
import { storeSpans, temporaryStore } from '../../../spans.ts';

t.test('with every column in use, batch after batch is stored, and checkpointed', async (t) => {
  const store = await temporaryStore(t);
  const batch = (number: number) =>
    Array.from({ length: 500 }, (_, i) => {
      const first = (number * 500 + i) * 25;
      const field = (k: number) => [`field ${(first + k) % 2500}`, `value ${(i * 31) % 97} of ${k}`];
      return { attributes: Object.fromEntries(Array.from({ length: 25 }, (_, k) => field(k))) };
    });
  // At once, so that transactions are as large as they get; more rows than one checkpoint takes.
  const batches = 10;
  await Promise.all(Array.from({ length: batches }, (_, number) => storeSpans(store, batch(number))));
  const { rows } = await store.read('SELECT count(*), count(DISTINCT _seq), max(_seq) FROM spans');
  t.same(rows, [[batches * 500, batches * 500, batches * 500]], 'each row once, numbered without a gap');
  const [first, spilled] = ['field 0', 'field 2499'].map((name) => store.fields().get(name));
  t.notOk(first?.spilled);
  t.ok(spilled?.spilled);
  for (const field of [first, spilled]) {
    const found = await store.read(`SELECT count(${field?.sql}) FROM spans`);
    t.same(found.rows, [[(batches * 500 * 25) / 2500]]);
  }
  const { rows: columns } = await store.read(
    "SELECT count(*) FROM duckdb_columns() WHERE table_name = 'spans'",
  );
  t.ok(Number(columns[0]?.[0]) < 400, `${columns[0]?.[0]} columns`);
});

t.test('a request of more rows than a transaction takes is stored whole, in order', async (t) => {
  const store = await temporaryStore(t);
  const attributes = Object.fromEntries(Array.from({ length: 970 }, (_, k) => [`field ${k}`, k]));
  await storeSpans(store, [
    { name: 'wide', attributes },
    ...Array.from({ length: 2999 }, (_, i) => ({ name: `span ${i}`, attributes: { number: i } })),
  ]);
  const [name, number] = ['name', 'number'].map((field) => store.fields().get(field)?.sql);
  const { rows } = await store.read(
    `SELECT count(*), count(*) FILTER (${name} = 'span ' || ${number} AND _seq = ${number} + 2) FROM spans`,
  );
  t.same(rows, [[3000, 2999]]);
  t.equal(store.stats().spans, 3000);
});
