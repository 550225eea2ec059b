import t from 'tap';
import { parseQuery } from '../../../../src/core/query/parse/parse-query.ts';
import { runQuery } from '../../../../src/core/query/run/run-query.ts';
import type { SpanStore } from '../../../../src/core/store/store.ts';
import { openStore } from '../../../../src/core/store/store.ts';
import { bubbleUp } from '../../../../src/parts/query/server/bubbleup/bubbleup.ts';
import { parseBubbleUp } from '../../../../src/parts/query/server/bubbleup/parse-bubbleup.ts';
import type { PlainSpan } from '../../../spans.ts';
import { storeSpans, temporaryDirectory } from '../../../spans.ts';

/** Several hundred queries are answered three times. */
const TIMEOUT_MS = 240_000;
const SPANS = 800;
const NOW = Date.now();
const AWKWARD = 'it\'s / a ~ "key" \\ ünï';
const COLUMNS = ['text', 'number', 'float', 'flag', 'mixed', 'big', 'common', AWKWARD];

/** Spans whose fields differ in type, are sparse, and lie on the resource, the span, or both. */
function spansOf(first: number): PlainSpan[] {
  return Array.from({ length: SPANS }, (_, i) => {
    const n = first + i;
    return {
      traceId: n.toString(16).padStart(32, '0'),
      spanId: (n + 1).toString(16).padStart(16, '0'),
      start: BigInt(NOW - 60_000 + n) * 1_000_000n,
      resource: { common: `resource ${Math.floor(n / 300)}` },
      attributes: {
        ...(n % 3 === 0 && { text: n % 2 === 0 ? `text ${n % 7}` : `"number":${n % 7}, '` }),
        ...(n % 4 === 0 && { number: (n % 11) - 5 }),
        ...(n % 5 === 0 && { float: { float: n % 10 === 0 ? Number.NaN : n / 8 } }),
        ...(n % 6 === 0 && { flag: n % 12 === 0 }),
        ...(n % 7 === 0 && { mixed: [n % 5, 'text', true, { float: 2.5 }][n % 4] as number }),
        ...(n % 100 === 0 && { big: 2n ** 62n + BigInt(n) }),
        ...(n % 9 === 0 && { common: 'own' }),
        ...(n % 8 === 0 && { [AWKWARD]: `of ${n % 3}` }),
      },
    };
  });
}

const filler = (names: string): PlainSpan => ({
  traceId: 'f'.repeat(32),
  spanId: 'f'.repeat(16),
  start: BigInt(NOW - 70_000) * 1_000_000n,
  attributes: Object.fromEntries(Array.from({ length: 300 }, (_, n) => [`${names} ${n}`, n])),
});

function queries(column: string): object[] {
  const values = {
    text: 'text 3',
    number: 2,
    float: 12.5,
    flag: true,
    mixed: 'text',
    big: 2 ** 62,
    common: 'own',
  };
  const value = values[column as keyof typeof values] ?? 'of 1';
  const filter = (op: string, operand?: unknown) => ({ filters: [{ column, op, value: operand }] });
  return [
    ...['=', '!=', '>', '>=', '<', '<='].map((op) => filter(op, value)),
    ...['starts-with', 'does-not-start-with', 'contains', 'does-not-contain', 'ends-with'].map((op) =>
      filter(op, String(value).slice(0, 3)),
    ),
    filter('exists'),
    filter('does-not-exist'),
    filter('in', [value, 'other']),
    filter('not-in', [value, 'other']),
    { breakdowns: [column], limit: 1_000 },
    {
      breakdowns: ['common'],
      calculations: ['SUM', 'AVG', 'MIN', 'MAX', 'P95', 'COUNT_DISTINCT', 'COUNT'].map((op) => ({
        op,
        column,
      })),
    },
    { calculations: [{ op: 'HEATMAP', column }] },
    {
      calculated_fields: [
        { name: 'calculated', expression: `IF(EXISTS($"${column.replaceAll(/["\\]/gu, '\\$&')}"), 1, 0)` },
      ],
      calculations: [{ op: 'SUM', column: 'calculated' }],
    },
  ];
}

async function answers(store: SpanStore): Promise<unknown> {
  const times = { start_time: Math.floor(NOW / 1_000) - 3_600, end_time: Math.ceil(NOW / 1_000) + 60 };
  const all: unknown[] = [];
  for (const query of COLUMNS.flatMap(queries)) {
    const asked = { ...query, ...times };
    const answer = await runQuery(store, '__all__', parseQuery(asked)).then(
      ({ results, series }) => ({ results, series }),
      (error: Error) => error.message,
    );
    all.push([JSON.stringify(query), answer]);
  }
  return all;
}

t.setTimeout(TIMEOUT_MS);
t.test('a field answers every query alike, whether it has a column or shares one', async (t) => {
  t.setTimeout(TIMEOUT_MS);
  const directories = [temporaryDirectory(t), temporaryDirectory(t)];
  const [own, shared] = await Promise.all(directories.map((directory) => openStore({ directory })));
  if (own === undefined || shared === undefined) throw new Error('no stores');
  const order = [
    [own, spansOf(0), [filler('before')]],
    [shared, [filler('before')], spansOf(0)],
  ] as const;
  for (const [store, ...batches] of order) {
    for (const batch of [...batches, spansOf(SPANS)]) await storeSpans(store, batch);
    // A type of its own again, when rows are stored already.
    await storeSpans(store, [{ ...filler('after'), attributes: { number: 'now text' } }]);
  }
  const columnOf = (store: SpanStore, name: string) => store.fields().get(name)?.sql ?? '';
  for (const column of COLUMNS) {
    // A type of its own that came later may have found no column any more.
    t.match(columnOf(own, column), /"f\d+"/, column);
    t.match(columnOf(shared, column), /contains\("_overflow"/, column);
    t.ok(shared.fields().get(column)?.spilled);
  }
  const expected = await answers(own);
  t.strictSame(await answers(shared), expected);

  const compared = (store: SpanStore) =>
    bubbleUp(
      store,
      parseBubbleUp({ query: {}, selection: { filters: [{ column: 'flag', op: '=', value: true }] } }),
    );
  const [left, right] = [await compared(own), await compared(shared)];
  t.equal(right.skipped, 0);
  t.strictSame(right.fields, left.fields);

  await Promise.all([own.close(), shared.close()]);
  const again = await openStore({ directory: directories[1] as string });
  t.strictSame(await answers(again), expected, 'and after the store was opened again');

  await again.delete({ all: true });
  await storeSpans(again, [filler('new')]);
  await storeSpans(again, [{ attributes: { text: 'after the deletion' } }]);
  const { rows } = await again.read(`SELECT ${columnOf(again, 'text')} FROM spans ORDER BY _seq`);
  t.same(rows, [[null], ['after the deletion']]);
  await again.close();
});
