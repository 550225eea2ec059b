import t from 'tap';
import {
  formatCalculation,
  formatFilter,
  formatHaving,
  formatOrder,
  parseCalculation,
  parseFilter,
  parseHaving,
  parseOrder,
} from '../../../../src/page/views/query/clauses.ts';
import type { FieldInfo } from '../../../../src/page/views/query/fields.ts';

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

t.test('what only JSON can say about a calculation is shown all the same', (t) => {
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

t.test('what is missing from a condition is named', (t) => {
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
  t.same(parseHaving(formatHaving(having)), having);
  t.throws(() => parseHaving('COUNT > many'), /with a number/);
  t.end();
});
