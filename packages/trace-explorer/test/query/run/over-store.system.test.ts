import t from 'tap';
import { bubbleUp } from '../../../src/bubbleup/bubbleup.ts';
import { parseBubbleUp } from '../../../src/bubbleup/parse-bubbleup.ts';
import { parseQuery } from '../../../src/query/parse/parse-query.ts';
import type { QueryData } from '../../../src/query/result/query-result.ts';
import { runQuery } from '../../../src/query/run/run-query.ts';
import type { SpanStore } from '../../../src/store/types.ts';
import { storeSpans, temporaryStore } from '../../spans.ts';

function ask(store: SpanStore, query: object, dataset = '__all__', signal?: AbortSignal): Promise<QueryData> {
  return runQuery(store, dataset, parseQuery(query), signal ? { signal } : {});
}

t.test('10,000 distinct fields: each can still be asked for', async (t) => {
  const store = await temporaryStore(t, { maxColumns: 60 });
  const names = Array.from({ length: 10_000 }, (_, i) => `field-${i}`);
  const hostile = ["it's", '"quoted"', '/~0', '__proto__', '$.a', '*', 'ünï'];
  const attributesOf = (some: readonly string[]) => Object.fromEntries(some.map((name, i) => [name, i]));
  const tenths = Array.from({ length: 10 }, (_, i) => names.slice(i * 1000, (i + 1) * 1000));
  await storeSpans(
    store,
    tenths.map((some) => ({ attributes: attributesOf(some) })),
  );
  const odd = hostile.map((name) => [name, `of ${name}`] as const);
  await storeSpans(store, [{ attributes: Object.assign(Object.create(null), Object.fromEntries(odd)) }]);

  for (const column of ['field-3', 'field-9999']) {
    const calculations = [
      { op: 'SUM', column },
      { op: 'COUNT', column },
    ];
    const value = Number(column.slice('field-'.length)) % 1000;
    t.match((await ask(store, { calculations })).results, [
      { data: { [`SUM(${column})`]: value, [`COUNT(${column})`]: 1 } },
    ]);
  }
  for (const [column, value] of odd) {
    const query = { filters: [{ column, op: '=', value }], breakdowns: [column] };
    t.match((await ask(store, query)).results, [{ data: { [column]: value, COUNT: 1 } }], column);
  }
  t.ok(store.fields().get('field-9999')?.spilled);
  const request = parseBubbleUp({
    query: {},
    selection: { filters: [{ column: 'field-9999', op: 'exists' }] },
  });
  const { fields, skipped } = await bubbleUp(
    {
      fields: () => some(store, 50),
      sampleRate: () => store.sampleRate(),
      read: store.read.bind(store),
      stats: () => store.stats(),
    },
    request,
  );
  t.equal(skipped, 0);
  t.match(fields[0], { difference: 1 });
});

t.test('a query that is aborted is interrupted in the store', async (t) => {
  const store = await temporaryStore(t);
  await storeSpans(
    store,
    Array.from({ length: 5_000 }, (_, i) => ({ durationMs: i })),
  );
  const controller = new AbortController();
  // A hundred exact percentiles by span: far slower than the abort.
  const calculations = Array.from({ length: 100 }, (_, i) => ({
    op: 'P99',
    column: 'duration_ms',
    name: `p${i}`,
  }));
  const running = ask(store, { calculations, breakdowns: ['trace.span_id'] }, '__all__', controller.signal);
  setImmediate(() => controller.abort(new Error('left')));
  await t.rejects(running, { message: 'left' });
  t.match((await ask(store, {})).results, [{ data: { COUNT: 5_000 } }], 'and the store goes on');
});

/** Some of a store's fields, the last ones included: what ten thousand do takes longer than a test should. */
function some(store: SpanStore, count: number) {
  return new Map([...store.fields()].slice(-count));
}
