import t from 'tap';
import { defaultQuery } from '../../../../src/core/query/build/default-query.ts';
import { FUNCTIONS as known } from '../../../../src/core/query/compile/expression/functions.ts';
import type { QueryData } from '../../../../src/core/query/result/query-result.ts';
import { hasLogAxis } from '../../../../src/page/api/log-query.ts';
import { completeExpression } from '../../../../src/parts/query/page/calculated/complete-expression.ts';
import FUNCTIONS from '../../../../src/parts/query/page/calculated/functions.json' with { type: 'json' };
import {
  formatCalculation,
  formatFilter,
  formatHaving,
  formatOrder,
  parseCalculation,
  parseFilter,
  parseHaving,
  parseOrder,
} from '../../../../src/parts/query/page/clauses/clauses.ts';
import type { Complete } from '../../../../src/parts/query/page/clauses/complete.ts';
import {
  completeCalculation,
  completeField,
  completeFilter,
  completeHaving,
  completeOrder,
} from '../../../../src/parts/query/page/clauses/complete.ts';
import type { FieldInfo } from '../../../../src/parts/query/page/clauses/fields.ts';
import { changeText, versionsBefore } from '../../../../src/parts/query/page/results/version-change.ts';
import { withoutSavedFields, withSavedFields } from '../../../../src/parts/query/page/saving/saved-fields.ts';
import { headlineOf } from '../../../../src/parts/query/page/values/difference-sentences.ts';
import { formatField, formatResult } from '../../../../src/parts/query/page/values.ts';
import { queryTime, rangeOf } from '../../../../src/parts/query/with-query-range.ts';

t.test(
  'the headline of a comparison names no field that the grouping fixes, or that follows from one',
  (t) => {
    const field = (name: string, ...buckets: readonly (readonly [string, number, number])[]) => ({
      ...{ name, type: 'string', difference: 0.9, group: 'meaning' as const },
      ...{ selected_by: false, of_query: true },
      buckets: buckets.map(([value, selection, baseline]) => ({ value, selection, baseline })),
    });
    const result = {
      ...{ selection: { events: 50 }, baseline: { events: 100 }, estimated: false, skipped: 0 },
      fields: [
        field('http.route', ['/cart', 50, 20], ['/', 0, 80]),
        field('url.path', ['/cart', 50, 20], ['/', 0, 80]),
        field('region', ['eu', 48, 10], ['us', 2, 90]),
      ],
    };
    t.match(headlineOf(result, 0.3, []), { name: 'http.route' });
    t.match(headlineOf(result, 0.3, ['http.route']), { name: 'region', value: 'eu' });
    t.equal(headlineOf({ ...result, fields: result.fields.slice(0, 2) }, 0.3, ['http.route']), undefined);
    t.end();
  },
);

t.test('the time that is shown of a query is the one that it asks about', (t) => {
  const shown = (query: object) => queryTime.of({ query: JSON.stringify(query) });
  t.equal(shown({}), 7200, 'as the API takes a query without times');
  t.equal(shown({ time_range: 60 }), 60);
  t.strictSame(shown({ start_time: 1000, time_range: 60 }), { start_time: 1000, end_time: 1060 });
  t.strictSame(shown({ end_time: 1060, time_range: 60 }), { start_time: 1000, end_time: 1060 });
  t.equal(queryTime.of({}), rangeOf(defaultQuery), 'the query that the view opens with');
  t.end();
});

const fields: FieldInfo[] = [
  { name: 'name', type: 'string' },
  { name: 'duration_ms', type: 'float' },
  { name: 'http.response.status_code', type: 'integer' },
  { name: 'zip', type: 'string' },
  { name: 'error', type: 'boolean' },
  { name: 'a name with spaces', type: 'string' },
  { name: 'x>=y', type: 'integer' },
];

t.test('calculations are read as they are written, in any case', (t) => {
  t.same(parseCalculation('count'), { op: 'COUNT' });
  t.same(parseCalculation(' P90( duration_ms ) '), { op: 'P90', column: 'duration_ms' });
  t.same(parseCalculation('COUNT(user.id)'), { op: 'COUNT', column: 'user.id' });
  t.same(parseCalculation('MAX(f(x))'), { op: 'MAX', column: 'f(x)' });
  t.throws(() => parseCalculation('P90'), /P90 needs a field: P90\(duration_ms\)/);
  t.throws(() => parseCalculation('P42(x)'), /Write a calculation/);
  t.throws(() => parseCalculation('CONCURRENCY(x)'), /takes no field/);
  t.end();
});

t.test('parts of a calculation that only JSON can hold are shown', (t) => {
  const calculation = {
    op: 'COUNT',
    name: 'failed',
    filters: [{ column: 'error', op: '=', value: true }],
  } as const;
  t.equal(formatCalculation(calculation), 'COUNT as failed where error = true');
  t.end();
});

t.test('a condition’s value has the type of its field', (t) => {
  const read = (text: string) => parseFilter(text, fields);
  t.same(read('duration_ms > 100'), { column: 'duration_ms', op: '>', value: 100 });
  t.same(read('duration_ms>=1.5'), { column: 'duration_ms', op: '>=', value: 1.5 });
  t.same(read('zip = 04109'), { column: 'zip', op: '=', value: '04109' }, 'digits of a text stay text');
  t.same(read('error = true'), { column: 'error', op: '=', value: true });
  t.same(read('unknown = 5'), { column: 'unknown', op: '=', value: 5 });
  t.same(read('unknown = "5"'), { column: 'unknown', op: '=', value: '5' });
  t.same(read('name = GET /api/x'), { column: 'name', op: '=', value: 'GET /api/x' });
  t.same(read('http.response.status_code in 500, 503'), {
    column: 'http.response.status_code',
    op: 'in',
    value: [500, 503],
  });
  t.same(read('name not-in a, "b, c"'), { column: 'name', op: 'not-in', value: ['a', 'b, c'] });
  t.same(read('a name with spaces exists'), { column: 'a name with spaces', op: 'exists' });
  t.same(read('x>=y = 1'), { column: 'x>=y', op: '=', value: 1 }, 'a known name wins over an operator in it');
  t.same(read('name does-not-start-with GET'), { column: 'name', op: 'does-not-start-with', value: 'GET' });
  t.end();
});

t.test('the missing part of a condition is named', (t) => {
  t.throws(() => parseFilter('', fields), /Write a condition/);
  t.throws(() => parseFilter('name', fields), /Write what name should be/);
  t.throws(() => parseFilter('name =', fields), /name = needs a value/);
  t.throws(() => parseFilter('name exists now', fields), /exists takes no value/);
  t.throws(() => parseFilter('name in ,', fields), /takes values/);
  t.end();
});

t.test('every condition reads back as it is written out', (t) => {
  const filters = [
    { column: 'name', op: '=', value: '' },
    { column: 'name', op: '=', value: ' padded ' },
    { column: 'name', op: '!=', value: '"quoted"' },
    { column: 'other', op: '=', value: '42' },
    { column: 'other', op: '=', value: 'true' },
    { column: 'other', op: '=', value: false },
    { column: 'other', op: 'in', value: ['1', 2, 'a,b', ''] },
    { column: 'duration_ms', op: '<', value: -0.5 },
    { column: 'name', op: 'does-not-exist' },
  ] as const;
  for (const filter of filters)
    t.same(parseFilter(formatFilter(filter), fields), filter, formatFilter(filter));
  t.end();
});

t.test('orders and havings read back as they are written out', (t) => {
  const byCount = { op: 'COUNT', order: 'descending' } as const;
  t.same(parseOrder(formatOrder(byCount), []), byCount);
  t.same(parseOrder('name asc', ['name']), { column: 'name', order: 'ascending' });
  t.same(parseOrder('P90(duration_ms)', []), { op: 'P90', column: 'duration_ms', order: 'descending' });
  t.throws(() => parseOrder('name asc', []), /neither a calculation/);
  const having = { calculate_op: 'P90', column: 'duration_ms', op: '>=', value: 12.5 } as const;
  t.same(parseHaving(formatHaving(having), []), having);
  t.throws(() => parseHaving('COUNT > many', []), /with a number/);
  t.end();
});

const context = {
  fields: [
    { name: 'name', type: 'string', use: 9 },
    { name: 'app.now', type: 'string', use: 1 },
    { name: 'app.result_length', type: 'string', use: 7 },
    { name: 'duration_ms', type: 'float', use: 9 },
  ],
  query: { calculations: [{ op: 'P90', column: 'duration_ms' }], breakdowns: ['name'] },
  values: async (_column: string, part: string) =>
    ['GET /home', 'GET /users'].filter((each) => each.includes(part)),
} as const;

const texts = async (complete: Complete, text: string) =>
  (await complete(text, context)).map((each) => each.text);

t.test('a calculation completes to an operator, then to a field that fits it', async (t) => {
  t.same(await texts(completeCalculation, 'p9'), ['P90(', 'P99(', 'P95(', 'P999(']);
  t.same(await texts(completeCalculation, 'P90('), ['P90(duration_ms)'], 'percentiles are of numbers');
  t.same(await texts(completeCalculation, 'COUNT_DISTINCT(na'), ['COUNT_DISTINCT(name)']);
});

t.test('a condition completes to a field, an operator, a value', async (t) => {
  t.same(
    await texts(completeFilter, 'n'),
    ['name ', 'none.', 'duration_ms ', 'app.result_length ', 'app.now '],
    'names that begin so come first, then those of most use',
  );
  t.same(await texts(completeFilter, 'app.'), ['app.result_length ', 'app.now '], 'by use, not by length');
  t.same(await texts(completeFilter, 'name sta'), ['name starts-with ']);
  t.same(await texts(completeFilter, 'name = '), ['name = GET /home', 'name = GET /users']);
  t.same(await texts(completeFilter, 'name in GET /home, use'), ['name in GET /home, GET /users']);
  t.same(await texts(completeFilter, 'app.now exists'), []);
});

t.test(
  'fields of other spans complete after their prefix; groups take only prefixes of one span',
  async (t) => {
    t.same((await texts(completeFilter, 'an')).slice(0, 3), ['any.', 'any2.', 'any3.']);
    t.same(await texts(completeFilter, 'any.app'), ['any.app.result_length ', 'any.app.now ']);
    t.same(await texts(completeFilter, 'any.name = '), ['any.name = GET /home', 'any.name = GET /users']);
    t.same(await texts(completeField, 'p'), ['parent.', 'app.result_length', 'app.now']);
    t.same(await texts(completeField, 'parent.na'), ['parent.name']);
    t.same(await texts(completeField, 'any.na'), []);
  },
);

t.test('an expression completes to functions and fields', async (t) => {
  t.same(await texts(completeExpression, 'slow'), [], 'first the name is written');
  t.same(await texts(completeExpression, 'slow = CO'), [
    'slow = COALESCE(',
    'slow = CONCAT(',
    'slow = CONTAINS(',
  ]);
  t.same(await texts(completeExpression, 'slow = GT($dur'), ['slow = GT($duration_ms']);
  t.same((await texts(completeExpression, 'slow = GT($duration_ms, ')).at(0), 'slow = GT($duration_ms, IF(');
  t.same(await texts(completeExpression, 'slow = GT($duration_ms, 1)'), [], 'what is complete stays');
  t.same(await texts(completeExpression, 'x = CONTAINS($name, "GE'), [], 'nothing within a text');
  t.same(await texts(completeExpression, 'x = app.n'), ['x = $app.now'], 'a field without its $, too');
});

t.test('every function of the grammar can be completed', (t) => {
  t.same(Object.keys(FUNCTIONS).sort(), [...known.keys()].filter((name) => name !== '!=').sort());
  t.end();
});

t.test('orders and havings complete from the calculations of the query', async (t) => {
  t.same(await texts(completeOrder, 'na'), ['name desc', 'name asc']);
  t.same((await texts(completeHaving, 'p90')).at(0), 'P90(duration_ms) = ');
});

t.test('saved fields', async (t) => {
  const saved = [
    { alias: 'a b', expression: '$duration_ms * 2', description: '' },
    { alias: 'uses', expression: 'SUM($"a b", $other)', description: '' },
    { alias: 'itself', expression: '$itself', description: '' },
    { alias: 'unused', expression: '1', description: '' },
  ];

  const fields: FieldInfo[] = [
    ...saved.map(({ alias, expression }) => ({ name: alias, type: 'calculated', expression }) as const),
    { name: 'stored', type: 'string' },
  ];

  t.test('a query gets the saved fields that it names, each after the fields that it uses', async (t) => {
    t.same(withSavedFields({ breakdowns: ['uses'] }, fields).calculated_fields, [
      { name: 'a b', expression: '$duration_ms * 2' },
      { name: 'uses', expression: 'SUM($"a b", $other)' },
    ]);
    t.same(withSavedFields({ filters: [{ column: 'itself', op: 'exists' }] }, fields).calculated_fields, [
      { name: 'itself', expression: '$itself' },
    ]);
    t.same(
      withSavedFields({ breakdowns: ['root.a b', 'stored'] }, fields).calculated_fields?.map(
        ({ name }) => name,
      ),
      ['a b'],
      'of another span',
    );
    const own = { calculated_fields: [{ name: 'x', expression: '$`a b`' }] };
    t.same(
      withSavedFields(own, fields).calculated_fields?.map(({ name }) => name),
      ['a b', 'x'],
    );
    const mine = { breakdowns: ['uses'], calculated_fields: [{ name: 'uses', expression: '2' }] };
    t.same(withSavedFields(mine, fields), mine, 'its own counts');
  });

  t.test('and is saved without fields that are saved already', async (t) => {
    const query = {
      breakdowns: ['uses'],
      calculated_fields: [
        { name: 'unused', expression: '1' },
        { name: 'a b', expression: 'other' },
      ],
    };
    t.same(withoutSavedFields(query, saved), {
      breakdowns: ['uses'],
      calculated_fields: [{ name: 'a b', expression: 'other' }],
    });
    t.same(withoutSavedFields({ calculated_fields: [{ name: 'unused', expression: '1' }] }, saved), {});
  });
});

t.test('values that tell events apart are exact; results are short', async (t) => {
  t.not(formatField('network.peer.port', 35412), formatField('network.peer.port', 35438));
  t.equal(formatField('network.peer.port', 35412), '35412');
  t.equal(formatField('duration_ms', 1300), '1.30 s');
  t.equal(formatField('app.late_ms', -1300), '−1.30 s');
  t.equal(formatField('app.share', 0.12345), '0.123');
  t.equal(formatField('name', ''), '""');
  t.equal(formatResult({ op: 'COUNT' }, 35412), '35.4k');
  t.equal(formatResult({ op: 'P90', column: 'duration_ms' }, 1300), '1.30 s');
});

const resultOf = (data: Pick<QueryData, 'results' | 'series'>): QueryData => ({
  ...data,
  info: { granularity_seconds: 60, start_time: 0, end_time: 600 } as QueryData['info'],
});

t.test('the version before is the one whose events began earlier, of the same service', (t) => {
  const row = (service: string, version: string, p95: number) => {
    return { data: { 'service.name': service, 'service.version': version, p95 } };
  };
  const rows = [row('shop', 'f00', 20), row('shop', 'a11', 30), row('users', '1', 5)];
  const at = (minute: number) => new Date(minute * 60_000).toISOString();
  const series = rows.map((each, i) => ({ time: at([1, 4, 0][i] ?? 0), ...each }));
  const data = resultOf({ results: rows, series });
  const before = versionsBefore(data, ['service.name', 'service.version']);
  t.equal(before.get(rows[1]?.data ?? {}), rows[0]?.data);
  t.equal(before.size, 1);
  t.equal(versionsBefore(data, ['service.name']).size, 0);
  t.equal(changeText(30, 20), '+50 %');
  t.equal(changeText(13, 14), '−7.1 %');
  t.equal(changeText(3, 0), 'from 0');
  t.equal(changeText(null, 3), '–');
  t.end();
});

t.test('heatmaps of durations begin with a logarithmic axis, others with a linear one', (t) => {
  t.ok(hasLogAxis(defaultQuery));
  t.notOk(hasLogAxis({ calculations: [{ op: 'HEATMAP', column: 'app.result_length' }] }));
  t.notOk(hasLogAxis({ calculations: [{ op: 'P90', column: 'duration_ms' }] }));
  t.end();
});
