import { decodeTraces } from '@tandem/otlp';
import t from 'tap';
import { parseQuery } from '../../../../src/core/query/parse/parse-query.ts';
import type { QueryData } from '../../../../src/core/query/result/query-result.ts';
import { runQuery } from '../../../../src/core/query/run/run-query.ts';
import type { SpanStore } from '../../../../src/core/store/store.ts';
import { bubbleUp } from '../../../../src/parts/query/server/bubbleup/bubbleup.ts';
import { parseBubbleUp } from '../../../../src/parts/query/server/bubbleup/parse-bubbleup.ts';
import { temporaryExplorer } from '../../../explorer.ts';
import { randomId, storeSpans, temporaryStore } from '../../../spans.ts';

function ask(store: SpanStore, query: object, dataset = '__all__', signal?: AbortSignal): Promise<QueryData> {
  return runQuery(store, dataset, parseQuery(query), signal ? { signal } : {});
}

t.test('the trace of a request is found by counting where app.now exists', async (t) => {
  const store = await temporaryStore(t);
  const traceId = randomId(16);
  await storeSpans(store, [
    {
      traceId,
      name: 'home-activities-data',
      attributes: { 'app.now': '2026-11-20T07:00:00Z' },
      service: 'activities-api',
    },
    { traceId, name: 'GET', service: 'user-lookup' },
    { name: 'other', service: 'activities-api' },
  ]);
  const query = { filters: [{ column: 'app.now', op: 'exists' }], breakdowns: ['trace.trace_id'] };
  t.same((await ask(store, query)).results, [{ data: { 'trace.trace_id': traceId, COUNT: 1 } }]);
  t.same((await ask(store, query, 'user-lookup')).results, []);
  t.match((await ask(store, {}, 'user-lookup')).results, [{ data: { COUNT: 1 } }]);
});

t.test('a field whose type changed is calculated with, filtered and grouped as a whole', async (t) => {
  const store = await temporaryStore(t);
  for (const size of [10, { float: 2.5 }, 'big', true, '40'])
    await storeSpans(store, [{ attributes: { size } }]);
  await storeSpans(store, [{ name: 'without' }]);
  t.equal(store.fields().get('size')?.type, 'string');
  const calculations = [
    { op: 'SUM', column: 'size' },
    { op: 'MAX', column: 'size' },
    { op: 'COUNT', column: 'size' },
  ];
  t.match((await ask(store, { calculations })).results, [
    { data: { 'SUM(size)': 52.5, 'MAX(size)': 40, 'COUNT(size)': 5 } },
  ]);
  const matches = async (op: string, value?: unknown) =>
    (await ask(store, { filters: [{ column: 'size', op, value }] })).results[0]?.data.COUNT;
  t.equal(await matches('=', 10), 1);
  t.equal(await matches('>', 2), 3);
  t.equal(await matches('=', true), 1);
  t.equal(await matches('!=', 10), 5, 'the span without the field is not 10 either');
  t.equal(await matches('does-not-exist'), 1);
  t.equal((await ask(store, { breakdowns: ['size'] })).results.length, 6);
});

t.test('a text that is stored cut is found by the whole text, and grouped by it', async (t) => {
  const store = await temporaryStore(t);
  const beginning = 'a question '.repeat(1_000);
  const prompts = [`${beginning}one`, `${beginning}two`, `${beginning}two`, 'short'];
  await storeSpans(
    store,
    prompts.map((prompt) => ({ attributes: { prompt } })),
  );
  const count = async (op: string, value: unknown) =>
    (await ask(store, { filters: [{ column: 'prompt', op, value }] })).results[0]?.data.COUNT;
  t.equal(await count('=', prompts[1]), 2);
  t.equal(await count('!=', prompts[1]), 2);
  t.equal(await count('in', [prompts[0], 'short']), 2);
  t.equal(await count('starts-with', 'a question'), 3);
  const groups = await ask(store, { breakdowns: ['prompt'] });
  t.same(groups.results.map(({ data }) => data.COUNT).toSorted(), [1, 1, 2]);
});

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

t.test('fields beyond the columns can be asked for whatever their names and texts hold', async (t) => {
  const store = await temporaryStore(t, { maxColumns: 40 });
  const names = Array.from({ length: 40 }, (_, n) => `filler-${n}`);
  await storeSpans(store, [{ attributes: Object.fromEntries(names.map((name, n) => [name, n])) }]);
  const span = {
    traceId: randomId(16),
    spanId: randomId(8),
    attributes: [
      { key: 'a\0b', value: { stringValue: 'nul\0nul' } },
      { key: 'half \ud800', value: { stringValue: 'half of a pair \udc00' } },
      { key: `${'x'.repeat(254)}😀`, value: { stringValue: 'cut' } },
    ],
  };
  const body = JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] });
  await store.write(decodeTraces(Buffer.from(body), 'json'));
  const expected = {
    'a\ufffdb': 'nul\0nul',
    'half \ufffd': 'half of a pair \ufffd',
    [`${'x'.repeat(254)}\ufffd`]: 'cut',
  };
  for (const [column, value] of Object.entries(expected)) {
    t.ok(store.fields().get(column)?.spilled, column);
    const query = { filters: [{ column, op: 'exists' }], breakdowns: [column] };
    t.match((await ask(store, query)).results, [{ data: { [column]: value, COUNT: 1 } }], column);
  }
  const query = { filters: [{ column: 'filler-39', op: '=', value: 39 }] };
  t.match((await ask(store, query)).results, [{ data: { COUNT: 1 } }], 'the others as before');
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

t.test('errors of every type are found', async (t) => {
  const store = await temporaryStore(t);
  await storeSpans(store, [
    { name: 'python', attributes: { error: 'db down' } },
    { name: 'failed', status: 2 },
    { name: 'fine' },
  ]);
  const names = async (filter: object) => {
    const { results } = await ask(store, { filters: [{ column: 'error', ...filter }], breakdowns: ['name'] });
    return results.map(({ data }) => data.name).toSorted();
  };
  t.same(await names({ op: 'exists' }), ['failed', 'python']);
  t.same(await names({ op: '=', value: true }), ['failed']);
  t.same(await names({ op: '=', value: 'db down' }), ['python']);
});

t.test('a trace with an id of 64 bits is found by it, padded or not', async (t) => {
  const { store, get, trace } = await temporaryExplorer(t);
  const short = randomId(8);
  const padded = `${'0'.repeat(16)}${short}`;
  await storeSpans(store, [{ traceId: padded, name: 'from B3' }]);
  for (const id of [short, padded, padded.toUpperCase()]) {
    t.match(await trace(id), { trace_id: short, spans_total: 1 }, id);
    t.match((await get(`/api/traces?trace_id=${id}`)).body, { traces: [{ trace_id: short }] });
  }
  const filters = [{ column: 'trace.trace_id', op: '=', value: short }];
  t.match((await ask(store, { filters })).results, [{ data: { COUNT: 1 } }]);
});

t.test('NaN and the infinities are groups of their own names', async (t) => {
  const store = await temporaryStore(t);
  const values = [Number.NaN, Number.NaN, Infinity, -Infinity, 1.5];
  await storeSpans(store, [
    ...values.map((value) => ({ attributes: { share: { float: value } } })),
    { name: 'without' },
  ]);
  const { results } = await ask(store, { breakdowns: ['share'] });
  t.same(
    new Map(results.map(({ data }) => [data.share, data.COUNT])),
    new Map<unknown, unknown>([
      ['NaN', 2],
      ['Infinity', 1],
      ['-Infinity', 1],
      [1.5, 1],
      [null, 1],
    ]),
  );
  for (const [value, count] of [
    ['NaN', 2],
    ['Infinity', 1],
    ['-Infinity', 1],
  ] as const) {
    const filters = [{ column: 'share', op: '=', value }];
    t.match((await ask(store, { filters })).results, [{ data: { COUNT: count } }], value);
  }
});

t.test('NaN is neither above nor below a number, wherever it is compared', async (t) => {
  const store = await temporaryStore(t);
  const values = [Number.NaN, Number.NaN, Infinity, -Infinity, 1.5];
  await storeSpans(
    store,
    values.map((value) => ({ attributes: { share: { float: value } } })),
  );
  const count = async (query: object) => (await ask(store, query)).results[0]?.data.COUNT;
  for (const [op, value, expected] of [
    ['>', 1, 2],
    ['>=', '1.5', 2],
    ['<', 100, 2],
    ['<=', 1.5, 2],
    ['!=', 1.5, 4],
  ] as const) {
    const filters = [{ column: 'share', op, value }];
    t.equal(await count({ filters }), expected, `${op} ${value}`);
    const named = [{ op: 'COUNT', name: 'COUNT', filters }];
    t.equal(await count({ calculations: named }), expected, `${op} ${value} of a calculation`);
  }
  for (const [expression, expected] of [
    ['GT($share, 1)', 2],
    ['1 <= $share', 2],
    ['LT($share, 100)', 2],
    ['100 > $share', 2],
    ['GTE($share, $share)', 3],
  ] as const) {
    const calculated_fields = [{ name: 'fits', expression }];
    const filters = [{ column: 'fits', op: '=', value: true }];
    t.equal(await count({ calculated_fields, filters }), expected, expression);
  }
  const calculated_fields = [{ name: 'text', expression: 'STRING($share)' }];
  const { results } = await ask(store, { calculated_fields, breakdowns: ['text'] });
  t.same(results.map(({ data }) => data.text).toSorted(), ['-Infinity', '1.5', 'Infinity', 'NaN'], 'as text');
  const filters = [{ column: 'share', op: 'starts-with', value: 'Na' }];
  t.equal(await count({ filters }), 2);
  const selection = { column: 'share', min: 1 };
  t.match(await bubbleUp(store, parseBubbleUp({ query: {}, selection })), {
    selection: { events: 2 },
    baseline: { events: 3 },
  });
});

t.test('a number above 2^53 in a query’s JSON is compared exactly', async (t) => {
  const { app, store } = await temporaryExplorer(t);
  await storeSpans(store, [{ attributes: { id: 2n ** 53n } }, { attributes: { id: 2n ** 53n + 1n } }]);
  const ask = async (op: string, value: string) => {
    const query = `{"filters":[{"column":"id","op":"${op}","value":${value}}],"breakdowns":["id"]}`;
    const post = (url: string, payload: string) =>
      app.inject({ method: 'POST', url, payload, headers: { 'content-type': 'application/json' } });
    const { id } = (await post('/1/queries/__all__', query)).json();
    const run = (await post('/1/query_results/__all__', JSON.stringify({ query_id: id }))).json();
    return run.data.results.map(({ data }: { data: { id: unknown } }) => String(data.id));
  };
  t.same(await ask('=', '9007199254740993'), ['9007199254740993']);
  t.same(await ask('=', '9007199254740992'), ['9007199254740992']);
  t.same(await ask('<', '9007199254740993'), ['9007199254740992']);
  t.same(await ask('in', '[9007199254740993]'), ['9007199254740993']);
});
