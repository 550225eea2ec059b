import t from 'tap';
import { completeResult } from '../../../../src/core/query/api/results.ts';
import { askingApp } from '../../../../src/parts/mcp/server/http-handler.ts';
import { at, temporaryExplorer } from '../../../explorer.ts';
import type { PlainSpan } from '../../../spans.ts';
import { storeLogs, storeSpans } from '../../../spans.ts';

const [WHOLE, FAST, TORN] = ['a', 'b', 'c'].map((digit) => digit.repeat(32));
const [ROOT_ID, CHILD_ID] = ['1'.repeat(16), '2'.repeat(16)];

function root(traceId: string | undefined, durationMs: number): PlainSpan {
  return {
    ...{ traceId: traceId ?? '', spanId: ROOT_ID ?? '', name: 'GET /cart', service: 'shop' },
    ...{ start: at(0), durationMs, attributes: { 'http.route': '/cart' } },
    events: [{ name: 'exception' }],
  };
}
function charge(traceId: string | undefined): PlainSpan {
  const ids = { traceId: traceId ?? '', spanId: CHILD_ID ?? '', parentSpanId: ROOT_ID ?? '' };
  return { ...ids, name: 'charge', service: 'pay', start: at(0), durationMs: 5, status: 2 };
}

const COUNT = [{ op: 'COUNT' }];
const ROOTS = { column: 'is_root', op: '=', value: true };
const equal = (column: string, value: unknown) => ({ column, op: '=', value });

/** Queries in the forms of Honeycomb's agent skill, with the rows of their answer. */
const ASKED: readonly (readonly [object, readonly object[]])[] = [
  [
    {
      calculations: [{ op: 'MAX', column: 'duration_ms' }],
      filters: [ROOTS],
      breakdowns: ['http.route'],
      orders: [{ op: 'MAX', column: 'duration_ms', order: 'descending' }],
      limit: 20,
    },
    [{ 'http.route': '/cart', 'MAX(duration_ms)': 90 }],
  ],
  [{ calculations: COUNT, filters: [equal('error', true), ROOTS] }, [{ COUNT: 0 }]],
  [
    { calculations: COUNT, filters: [equal('is_root', false)], breakdowns: ['name'] },
    [{ name: 'charge', COUNT: 2 }],
  ],
  [
    // Events and log records have no parent, and are no roots.
    {
      calculations: COUNT,
      filters: [
        { column: 'trace.parent_id', op: 'does-not-exist' },
        { column: 'is_root', op: '!=', value: true },
      ],
      breakdowns: ['body'],
    },
    [{ body: 'a line', COUNT: 1 }],
  ],
  [
    {
      calculations: COUNT,
      filters: [equal('any.service.name', 'pay'), equal('any.error', true), ROOTS],
      breakdowns: ['root.name'],
    },
    [{ 'root.name': 'GET /cart', COUNT: 1 }],
  ],
  [
    {
      calculations: COUNT,
      filters: [equal('parent.is_root', true), equal('is_root', false)],
      breakdowns: ['name'],
    },
    [{ name: 'charge', COUNT: 1 }],
  ],
  [
    {
      calculations: COUNT,
      filters: [
        { column: 'none.trace.parent_id', op: 'does-not-exist' },
        { column: 'meta.signal_type', op: '=', value: 'trace' },
      ],
      breakdowns: ['trace.trace_id'],
    },
    [{ 'trace.trace_id': TORN, COUNT: 1 }],
  ],
  [
    {
      calculated_fields: [{ name: 'slow_root', expression: 'AND($is_root, GT($duration_ms, 50))' }],
      calculations: COUNT,
      filters: [equal('slow_root', true)],
    },
    [{ COUNT: 1 }],
  ],
];

t.test('queries as Honeycomb’s agent skill writes them are answered, is_root among them', async (t) => {
  const { app, store, get } = await temporaryExplorer(t);
  await storeSpans(store, [root(WHOLE, 90), charge(WHOLE), root(FAST, 10), charge(TORN)]);
  await storeLogs(store, [{ body: 'a line', service: 'shop' }]);
  const rowsOf = async (query: object) => {
    const { data } = await completeResult(query, '__all__', askingApp(app, {}));
    return data?.results.map((row) => row.data);
  };
  for (const [query, rows] of ASKED) t.same(await rowsOf(query), rows, JSON.stringify(query));
  const { body: column } = await get('/1/columns/shop?key_name=is_root');
  t.match(column, { key_name: 'is_root', type: 'boolean' });
  t.match((await get(`/1/columns/shop/${column.id}`)).body, { key_name: 'is_root' });
  const { length } = (await get('/1/columns/shop')).body;
  t.match((await get('/1/datasets/shop')).body, { regular_columns_count: length });
  const { body: traces } = await get('/api/traces?field=is_root%3DTrue');
  t.equal(traces.traces.length, 2, 'lists of traces, too');

  await storeSpans(store, [{ ...charge(TORN), spanId: '3'.repeat(16), attributes: { is_root: 'sent' } }]);
  t.same(await rowsOf({ calculations: COUNT, filters: [equal('is_root', 'sent')] }), [{ COUNT: 1 }]);
  const names = (await get('/1/columns/__all__')).body.map(({ key_name }: { key_name: string }) => key_name);
  t.equal(
    names.filter((name: string) => name === 'is_root').length,
    1,
    'an attribute of the name stands before it',
  );
});
