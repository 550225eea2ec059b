import t from 'tap';
import type { Complete } from '../../../../src/page/views/query/complete.ts';
import {
  completeCalculation,
  completeFilter,
  completeHaving,
  completeOrder,
} from '../../../../src/page/views/query/complete.ts';

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
    ['name ', 'duration_ms ', 'app.result_length ', 'app.now '],
    'names that begin so come first, then those of most use',
  );
  t.same(await texts(completeFilter, 'app'), ['app.result_length ', 'app.now '], 'by use, not by length');
  t.same(await texts(completeFilter, 'name sta'), ['name starts-with ']);
  t.same(await texts(completeFilter, 'name = '), ['name = GET /home', 'name = GET /users']);
  t.same(await texts(completeFilter, 'name in GET /home, use'), ['name in GET /home, GET /users']);
  t.same(await texts(completeFilter, 'app.now exists'), []);
});

t.test('orders and havings complete from what the query asks for', async (t) => {
  t.same(await texts(completeOrder, 'na'), ['name desc', 'name asc']);
  t.same((await texts(completeHaving, 'p90')).at(0), 'P90(duration_ms) = ');
});
