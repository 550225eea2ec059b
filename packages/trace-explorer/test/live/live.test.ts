import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { isSent } from '../../src/live/sending.ts';

t.test('sending', async (t) => {
  const { signal } = new AbortController();
  const never = new Promise<void>(() => {});

  t.test('what is taken is sent, what is not taken in time, refused, or given up is not', async (t) => {
    t.equal(await isSent(Promise.resolve(), 20, signal), true);
    t.equal(await isSent(never, 20, signal), false);
    t.equal(await isSent(Promise.reject(new Error('gone')), 60_000, signal), false);
    t.equal(await isSent(never, 60_000, AbortSignal.abort()), false);
    // A rejection that nobody handles would fail this file.
    t.equal(await isSent(Promise.reject(new Error('gone')), 60_000, AbortSignal.abort()), false);
    const leaving = new AbortController();
    setImmediate(() => leaving.abort());
    t.equal(await isSent(never, 60_000, leaving.signal), false);
  });

  t.test(
    'a process that was kept waiting itself does not take its client for one that takes nothing',
    async (t) => {
      await sleep(1);
      const { promise, resolve } = Promise.withResolvers<void>();
      const sent = isSent(promise, 50, signal);
      for (const end = performance.now() + 100; performance.now() < end; );
      // Comes after a turn of the timers, as what the sockets have to say does.
      setImmediate(() => setImmediate(resolve));
      t.equal(await sent, true);
    },
  );
});
