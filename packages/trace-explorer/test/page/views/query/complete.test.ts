import t from 'tap';
import { completeExpression } from '../../../../src/page/views/query/calculated/complete-expression.ts';
import { FUNCTIONS } from '../../../../src/page/views/query/calculated/functions.ts';
import type { Complete } from '../../../../src/page/views/query/complete.ts';
import {
  completeCalculation,
  completeField,
  completeFilter,
  completeHaving,
  completeOrder,
} from '../../../../src/page/views/query/complete.ts';
import { FUNCTIONS as known } from '../../../../src/query/compile/expression/functions.ts';

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

t.test('fields of other spans complete behind their prefix, as groups those of one span', async (t) => {
  t.same((await texts(completeFilter, 'an')).slice(0, 3), ['any.', 'any2.', 'any3.']);
  t.same(await texts(completeFilter, 'any.app'), ['any.app.result_length ', 'any.app.now ']);
  t.same(await texts(completeFilter, 'any.name = '), ['any.name = GET /home', 'any.name = GET /users']);
  t.same(await texts(completeField, 'p'), ['parent.', 'app.result_length', 'app.now']);
  t.same(await texts(completeField, 'parent.na'), ['parent.name']);
  t.same(await texts(completeField, 'any.na'), []);
});

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

t.test('orders and havings complete from what the query asks for', async (t) => {
  t.same(await texts(completeOrder, 'na'), ['name desc', 'name asc']);
  t.same((await texts(completeHaving, 'p90')).at(0), 'P90(duration_ms) = ');
});
