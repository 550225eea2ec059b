import t from 'tap';
import type { Cause } from '../../../src/core/problems/schemas.ts';
import { inOrder, weightOf } from '../../../src/core/problems/worse.ts';

const cause = (rule: string, more: Partial<Cause> = {}) =>
  ({ id: rule, rule, traces: 1, failed: 0, lost_ms: 0, last: '', routes: [], ...more }) as Cause;
const ids = (...causes: Cause[]) => inOrder(causes).map(({ id }) => id);

t.test('an error weighs its requests, also those that went on without an error', async (t) => {
  t.equal(weightOf(cause('error', { traces: 7, failed: 0, lost_ms: 50 })), 7);
  t.same(ids(cause('repeated-call', { lost_ms: 2000 }), cause('error', { traces: 3 })), [
    'error',
    'repeated-call',
  ]);
});

t.test('a slow call weighs a quarter of its seconds, and a fact nothing', async (t) => {
  const loop = cause('repeated-call', { lost_ms: 1000 });
  t.same(ids(cause('slow-call', { lost_ms: 3900 }), loop), ['repeated-call', 'slow-call']);
  t.same(ids(cause('slow-call', { lost_ms: 4100 }), loop), ['slow-call', 'repeated-call']);
  const unexplained = { lost_ms: 3900 };
  t.same(ids(loop, cause('unexplained-time', unexplained)), ['unexplained-time', 'repeated-call']);
  t.equal(weightOf(cause('error', { traces: 7, fact: true })), 0);
  t.same(ids(cause('unexplained-time', { ...unexplained, fact: true }), loop), [
    'repeated-call',
    'unexplained-time',
  ]);
});

t.test('new causes come first, and facts last', async (t) => {
  const all = [
    cause('stood-still', { lost_ms: 9000, new: true, fact: true }),
    cause('slow-call', { lost_ms: 9000 }),
    cause('error', { new: true }),
  ];
  t.same(ids(...all), ['error', 'slow-call', 'stood-still']);
});

t.test(
  'a wait for a connection that names no holder comes after the repeated call of its routes',
  async (t) => {
    const routes = (name: string) => ({ routes: [{ service: 'shop', name }] });
    const wait = cause('waited-for-connection', { lost_ms: 9000, symptom: true, ...routes('GET /feed') });
    const loop = cause('repeated-call', { lost_ms: 100, ...routes('GET /feed') });
    const slow = cause('slow-call', { lost_ms: 8000 });
    t.same(ids(loop, slow, wait), ['repeated-call', 'waited-for-connection', 'slow-call']);
    const held = { ...wait, symptom: false };
    t.same(
      ids(loop, slow, held),
      ['waited-for-connection', 'slow-call', 'repeated-call'],
      'it names who held it',
    );
    const other = { ...loop, ...routes('GET /other') };
    t.same(
      ids(other, slow, wait),
      ['waited-for-connection', 'slow-call', 'repeated-call'],
      'of other requests',
    );
  },
);
