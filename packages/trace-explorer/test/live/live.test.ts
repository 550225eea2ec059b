import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { EventLog } from '../../src/live/event-log.ts';
import { isSent } from '../../src/live/sending.ts';

const never = new AbortController().signal;

t.test('events are replayed from any number that is still in the ring', async (t) => {
  const log = new EventLog('boot', { events: 3, characters: 1000 });
  t.strictSame(log.after(0), { lost: false, events: [] });
  for (const data of ['a', 'b', 'c', 'd']) log.append('trace', data);
  t.equal(log.newest, 4);
  t.strictSame(log.after(2), {
    lost: false,
    events: [
      { id: 'boot-3', event: 'trace', data: '"c"' },
      { id: 'boot-4', event: 'trace', data: '"d"' },
    ],
  });
  t.match(log.after(1), { lost: false, events: { length: 3 } });
  t.strictSame(log.after(0), { lost: true }, 'one event is gone');
  t.strictSame(log.after(9), { lost: true }, 'a number from the future');
});

t.test('long events push out old ones, the newest is always there', async (t) => {
  const log = new EventLog('boot', { events: 100, characters: 50 });
  for (let n = 0; n < 5; n++) log.append('trace', 'x'.repeat(18));
  t.match(log.after(3), { lost: false, events: { length: 2 } });
  t.strictSame(log.after(2), { lost: true });
  log.append('trace', 'x'.repeat(500));
  t.match(log.after(5), { lost: false, events: { length: 1 } });
  t.strictSame(log.after(4), { lost: true });
});

t.test('who comes back from before a gap is told', async (t) => {
  const log = new EventLog('boot', { events: 3, characters: 1000 });
  log.append('trace', 1);
  log.skip();
  t.strictSame(log.after(1), { lost: true });
  t.strictSame(log.after(2), { lost: false, events: [] });
  log.append('trace', 2);
  t.match(log.after(2), { lost: false, events: [{ id: 'boot-3', data: '2' }] });
});

t.test('only ids of this run are understood', async (t) => {
  const log = new EventLog('a-b', { events: 3, characters: 1000 });
  t.equal(log.numberOf('a-b-2'), 2);
  t.equal(log.numberOf(log.idOf(7)), 7);
  for (const id of ['', '2', 'x-2', 'a-b-', 'a-b--1', 'a-b-1e3', `a-b-${'9'.repeat(20)}`]) {
    t.equal(log.numberOf(id), undefined, id);
  }
});

t.test('a reader waits for the next event and no longer than it wants to', async (t) => {
  const log = new EventLog('boot', { events: 3, characters: 1000 });
  const waiting = log.changed(0, never);
  log.append('trace', 1);
  await waiting;
  await log.changed(0, never);
  const leave = new AbortController();
  const left = log.changed(1, leave.signal);
  leave.abort();
  await left;
  await log.changed(1, leave.signal);
  t.pass('resolved each time');
});

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
