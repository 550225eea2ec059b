import t from 'tap';
import { inOrder, weightOf } from '../../../../src/parts/causes/server/order.ts';
import type { Cause } from '../../../../src/parts/causes/server/schemas.ts';

const cause = (rule: string, more: Partial<Cause> = {}) =>
  ({ id: rule, rule, traces: 1, failed: 0, lost_ms: 0, last: '', ...more }) as Cause;
const ids = (...causes: Cause[]) => inOrder(causes).map(({ id }) => id);

t.test('an error weighs its requests, also those that went on without an error', async (t) => {
  t.equal(weightOf(cause('error', { traces: 7, failed: 0, lost_ms: 50 })), 7);
  t.same(ids(cause('repeated-call', { lost_ms: 2000 }), cause('error', { traces: 3 })), [
    'error',
    'repeated-call',
  ]);
});

t.test('a slow call, and time of no known part, weigh a quarter of their seconds', async (t) => {
  const loop = cause('repeated-call', { lost_ms: 1000 });
  t.same(ids(cause('slow-call', { lost_ms: 3900 }), loop), ['repeated-call', 'slow-call']);
  t.same(ids(cause('slow-call', { lost_ms: 4100 }), loop), ['slow-call', 'repeated-call']);
  const unexplained = { lost_ms: 3900 };
  t.same(ids(loop, cause('unexplained-time', unexplained)), ['unexplained-time', 'repeated-call']);
  t.same(ids(cause('unexplained-time', { ...unexplained, vague: true }), loop), [
    'repeated-call',
    'unexplained-time',
  ]);
});

t.test('new causes come first, and what no change of the code mends last', async (t) => {
  const all = [
    cause('stood-still', { lost_ms: 9000, new: true, outside: true }),
    cause('slow-call', { lost_ms: 9000 }),
    cause('error', { new: true }),
  ];
  t.same(ids(...all), ['error', 'slow-call', 'stood-still']);
});
