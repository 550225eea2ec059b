import t from 'tap';
import { mapSpans } from '../../../../src/core/fields/map-spans.ts';
import { sharedFields } from '../../../../src/core/fields/resource.ts';
import { Batch } from '../../../../src/core/store/rows/batch.ts';
import type { SpanStore } from '../../../../src/core/store/store.ts';
import type { PlainSpan } from '../../../spans.ts';
import { decoded, storeSpans, temporaryStore } from '../../../spans.ts';

async function valuesOf(store: SpanStore, ...names: string[]): Promise<readonly (readonly unknown[])[]> {
  const sqls = names.map((name) => store.fields().get(name)?.sql ?? 'NULL');
  return (await store.read(`SELECT ${sqls.join(', ')} FROM spans ORDER BY _seq`)).rows;
}

t.test('fields of a resource are kept once, whatever the number of rows', async (t) => {
  const resource = Object.fromEntries(Array.from({ length: 10 }, (_, n) => [`k${n}`, 'x'.repeat(60_000)]));
  const [group] = decoded([{ resource }]).scopeSpans;
  const { scopeSpans } = decoded(Array.from({ length: 3_000 }, () => ({ events: [{ name: 'e' }] })));
  const rows = new Batch();
  if (group === undefined) throw new Error('no spans');
  rows.scope(group, 'd', 1n);
  mapSpans({ ...group, spans: scopeSpans.flatMap(({ spans }) => spans) }, 1n, rows);
  rows.finish();
  t.equal(rows.rowCount, 6_000);
  for (const name of [...Object.keys(resource), 'service.name', 'meta.signal_type']) {
    const column = rows.columns.get(name);
    t.same([column?.rows, column?.end], [[0], 6_000], name);
  }
  t.ok(Math.max(...rows.weights) < 18_000, 'a row has room for its own fields');
});

t.test('every row has the fields of its own resource and scope, and its own before them', async (t) => {
  const store = await temporaryStore(t);
  // More rows than a chunk of DuckDB, and resources that change within it.
  const spans: PlainSpan[] = Array.from({ length: 5_000 }, (_, n) => {
    const kind = Math.floor(n / 700) % 3;
    return {
      service: `service-${kind}`,
      resource: { text: `of resource ${kind}`, number: kind, ...(kind === 1 && { rare: true, ratio: 0.5 }) },
      scope: { name: `scope-${kind}`, version: '1' },
      attributes: { n, ...(n % 3 === 0 && { text: `own ${n}` }), ...(n % 5 === 0 && { number: -n }) },
    };
  });
  await storeSpans(store, spans);
  const names = ['n', 'service.name', 'text', 'number', 'rare', 'ratio', 'library.name', 'meta.signal_type'];
  const expected = spans.map((_, n) => {
    const kind = Math.floor(n / 700) % 3;
    return [
      n,
      `service-${kind}`,
      n % 3 === 0 ? `own ${n}` : `of resource ${kind}`,
      n % 5 === 0 ? -n : kind,
      kind === 1 ? true : null,
      kind === 1 ? 0.5 : null,
      `scope-${kind}`,
      'trace',
    ];
  });
  const byNumber = (a: readonly unknown[], b: readonly unknown[]) => Number(a[0]) - Number(b[0]);
  t.strictSame([...(await valuesOf(store, ...names))].sort(byNumber), expected);
  t.same(
    (await store.datasets()).map(({ name, rows }) => [name, rows]).toSorted(),
    [0, 1, 2].map((kind) => [
      `service-${kind}`,
      expected.filter((row) => row[1] === `service-${kind}`).length,
    ]),
  );
});

t.test(
  'a shared field may be text in one resource and a number in the next, or have no column',
  async (t) => {
    const store = await temporaryStore(t, { maxColumns: 14 });
    const spans: PlainSpan[] = [
      { resource: { mixed: 'text', a: 1, b: 'r' }, attributes: { b: 'own' } },
      { resource: { mixed: 5, a: 2 }, attributes: {} },
      { resource: { mixed: 5, a: 2 }, attributes: { c: 2n ** 62n } },
    ];
    for (const each of spans) await storeSpans(store, [each]);
    await storeSpans(store, spans);
    const rows = [
      ['text', 1, 'own', null],
      ['5', 2, null, null],
      ['5', 2, null, 2n ** 62n],
    ];
    t.ok(store.stats().spilledFields > 0);
    t.strictSame(await valuesOf(store, 'mixed', 'a', 'b', 'c'), [...rows, ...rows]);
  },
);

t.test(
  'of a resource that is too large a row has what there is room for, and what the explorer needs',
  async (t) => {
    const store = await temporaryStore(t);
    const many = Object.fromEntries(Array.from({ length: 300 }, (_, n) => [`k${n}`, 'y'.repeat(400)]));
    const numbers = Object.fromEntries(Array.from({ length: 5_000 }, (_, n) => [`n${n}`, n]));
    await storeSpans(store, [
      {
        service: 'large',
        resource: { ...many, ...numbers },
        scope: { name: 'last' },
        attributes: { own: 'o'.repeat(4_000) },
      },
    ]);
    t.strictSame(await valuesOf(store, 'service.name', 'library.name', 'own'), [
      ['large', 'last', 'o'.repeat(4_000)],
    ]);
    const [row] = await valuesOf(store, 'k0', 'k20', 'k299', 'n4999');
    t.match(row, ['y'.repeat(400), /… \(400 bytes, sha256 /u, null, null]);
  },
);

t.test('the fields of a resource are made once for all parts of a request', async (t) => {
  const [group] = decoded([{ resource: { a: 1 } }]).scopeSpans;
  if (group === undefined) throw new Error('no spans');
  t.equal(
    sharedFields(group.resource, group.scope, 'trace'),
    sharedFields(group.resource, group.scope, 'trace'),
  );
});
