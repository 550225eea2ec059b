import t from 'tap';
import { at, ids, temporaryExplorer } from '../../../explorer.ts';
import { storeSpans } from '../../../spans.ts';

const { app, store } = await temporaryExplorer(t);
const id = ids();
const trace = id('trace', 16);
await storeSpans(store, [
  { traceId: trace, spanId: id('root'), name: 'GET /', service: 'a', start: at(0), durationMs: 400 },
  ...Array.from({ length: 9 }, (_, i) => ({
    traceId: trace,
    spanId: id(`child ${i}`),
    parentSpanId: id('root'),
    name: 'SELECT',
    service: 'b',
    start: at(10 + i),
    durationMs: i * 100,
    attributes: i % 2 ? { big: 9_007_199_254_740_993n } : { odd: Number.NaN },
    events: i === 8 ? [{ name: 'exception', time: at(30) }] : [],
  })),
]);
const post = async (payload: object) => {
  const { statusCode, body } = await app.inject({ method: 'POST', url: '/api/rows', payload });
  return { status: statusCode, body: JSON.parse(body) };
};

t.test('the newest rows that match come first, with the columns that were asked for', async (t) => {
  const query = {
    filters: [{ column: 'name', op: '=', value: 'SELECT' }],
    calculated_fields: [{ name: 'slow', expression: 'IF(GTE($duration_ms, 500), "slow", "fast")' }],
  };
  const { status, body } = await post({
    query,
    columns: ['duration_ms', 'slow', 'root.name', 'big', 'odd', 'span.kind'],
    limit: 3,
  });
  t.equal(status, 200);
  t.match(body.rows, [
    {
      time_ns: String(at(18)),
      trace_id: trace,
      span_id: id('child 8'),
      values: [800, 'slow', 'GET /', null, 'NaN'],
    },
    { span_id: id('child 7'), values: [700, 'slow', 'GET /', '9007199254740993', null] },
    { span_id: id('child 6'), values: [600, 'slow'] },
  ]);
  t.equal(body.rows.length, 3);
  const related = { ...query, filters: [...query.filters, { column: 'root.name', op: '=', value: 'other' }] };
  t.same((await post({ query: related, columns: ['name'] })).body.rows, [], 'filters of other spans count');
});

t.test('the row of an event leads to its span, and a dataset keeps to itself', async (t) => {
  const query = { filters: [{ column: 'name', op: '=', value: 'exception' }] };
  t.match((await post({ query, columns: [] })).body.rows, [
    { trace_id: trace, span_id: id('child 8'), values: [] },
  ]);
  t.equal((await post({ query: {}, columns: ['name'], dataset: 'a' })).body.rows.length, 1);
});

t.test('a mistake is named, in an expression with its character', async (t) => {
  const wrong = (expression: string) => ({ query: { calculated_fields: [{ name: 'x', expression }] } });
  const mistakes = [
    [wrong('IF($duration_ms, 1'), 'calculated_fields[0].expression', /\(at character 19\)/],
    [wrong('$duration_ms + $nothing'), 'calculated_fields[0].expression', /unknown column "nothing".*16\)/],
    [wrong('MAXIMUM(1)'), 'calculated_fields[0].expression', /MAXIMUM is not a function.*\(at character 1\)/],
    [{ query: {}, columns: ['nothing'] }, 'columns[0]', /unknown column/],
    [{ query: {}, columns: ['child.name'] }, 'columns[0]', /stands for several spans/],
    [{ query: { limit: 'x' } }, 'query.limit', /integer/],
    [{ query: {}, limit: 501 }, 'limit', /from 1 to 500/],
    [{ query: {}, rows: 1 }, 'rows', /not a field/],
  ] as const;
  for (const [payload, field, detail] of mistakes) {
    const { status, body } = await post({ columns: ['name'], ...payload });
    t.equal(status, 400, field);
    t.match(body.errors, [{ field, detail }]);
  }
  t.match((await post({ query: {}, columns: ['name'], dataset: 'nobody' })).body.errors, [
    { field: 'dataset', detail: 'Dataset not found' },
  ]);
});

t.test('a query’s traces are exported whole, each on a line', async (t) => {
  const url = (query: unknown, more = '') =>
    `/api/export?query=${encodeURIComponent(typeof query === 'string' ? query : JSON.stringify(query))}${more}`;
  const other = id('other', 16);
  await storeSpans(store, [{ traceId: other, name: 'SELECT', start: at(500) }]);
  const answer = await app.inject(url({ filters: [{ column: 'name', op: '=', value: 'SELECT' }] }));
  t.match(answer.headers, {
    'content-type': 'application/x-ndjson',
    'content-disposition': 'attachment; filename="traces.jsonl"',
  });
  const lines = answer.body.trimEnd().split('\n');
  const spansOf = (line = '{}') =>
    JSON.parse(line).resourceSpans.flatMap((each: { scopeSpans: { spans: { name: string }[] }[] }) =>
      each.scopeSpans.flatMap(({ spans }) => spans.map(({ name }) => name)),
    );
  t.equal(lines.length, 2);
  t.same(spansOf(lines[0]), ['SELECT'], 'the newest first');
  t.equal(spansOf(lines[1]).length, 10, 'with the spans that the query does not match');
  t.equal((await app.inject(url({}, '&limit=1'))).body.trimEnd().split('\n').length, 1);
  t.equal((await app.inject(url({ start_time: 1, end_time: 2 }))).body, '');
  t.match((await app.inject(url('{'))).json(), { errors: [{ field: 'query', detail: 'must be JSON' }] });
  t.match((await app.inject(url({}, '&limit=9999'))).json(), { errors: [{ field: 'limit' }] });
  t.match((await app.inject(url({}, '&dataset=a&dataset=b'))).json(), {
    errors: [{ field: 'dataset', detail: 'must be string' }],
  });
  t.match((await app.inject(url({ breakdowns: 1 }))).json(), {
    errors: [{ in: 'query', field: 'breakdowns' }],
  });
});
