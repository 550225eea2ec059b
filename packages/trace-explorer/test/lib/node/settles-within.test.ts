import t from 'tap';
import { settlesWithin } from '../../../src/lib/node/settles-within.ts';

t.test('work that settles is in time, whether it succeeds or fails', async (t) => {
  t.equal(await settlesWithin(Promise.resolve(), 60_000), true);
  t.equal(await settlesWithin(Promise.reject(new Error('failed')), 60_000), true);
});

t.test('work that never settles is late, and what fails later is no unhandled rejection', async (t) => {
  const { promise, reject } = Promise.withResolvers<never>();
  t.equal(await settlesWithin(promise, 1), false);
  reject(new Error('too late'));
  await new Promise((resolve) => setImmediate(resolve));
});

t.test('a waiter can leave before the work settles', async (t) => {
  const { promise } = Promise.withResolvers<never>();
  const leaving = new AbortController();
  const waiting = settlesWithin(promise, 60_000, leaving.signal);
  leaving.abort();
  t.equal(await waiting, false);
  t.equal(await settlesWithin(promise, 60_000, AbortSignal.abort()), false, 'or had left already');
  t.equal(await settlesWithin(Promise.resolve(), 60_000, new AbortController().signal), true);
});
