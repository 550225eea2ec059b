import t from 'tap';
import type { ReadDemand } from '../../../../src/core/store/read/read-queue.ts';
import { chooseRead } from '../../../../src/core/store/read/read-queue.ts';
import { TaskQueue, yieldToEventLoop } from '../../../../src/lib/node/task-queue.ts';
import { deadlineIn, moveOn } from '../../../../src/lib/time/deadline.ts';

/** Statements that end when they are told to. */
function statements() {
  const queue = new TaskQueue<ReadDemand>(chooseRead);
  const running = new Map<string, () => void>();
  const begun: string[] = [];
  const ask = (name: string, size: ReadDemand['size'], used = 0, late = Number.POSITIVE_INFINITY) =>
    queue.take(
      () => {
        begun.push(name);
        return new Promise<void>((resolve) => running.set(name, resolve));
      },
      undefined,
      { size, used, late },
    );
  const end = async (name: string) => {
    running.get(name)?.();
    running.delete(name);
    await yieldToEventLoop();
  };
  return { queue, begun, running, ask, end };
}

t.test('a short statement waits for no scan, and one large statement runs at a time', async (t) => {
  const { begun, ask, end } = statements();
  void ask('large 1', 'large');
  void ask('large 2', 'large');
  void ask('scan', 'scan');
  void ask('scan later', 'scan');
  void ask('short', 'short');
  await yieldToEventLoop();
  t.same(begun, ['large 1', 'scan', 'short']);
  await end('scan');
  t.same(begun.slice(3), ['scan later'], 'the second large one still waits');
  await end('large 1');
  t.same(begun.slice(4), ['large 2']);
});

t.test('a statement that has to be alone is, and no later one passes it', async (t) => {
  const { begun, ask, end, running } = statements();
  void ask('first', 'scan');
  void ask('alone', 'alone');
  void ask('later', 'scan');
  await yieldToEventLoop();
  t.same(begun, ['first']);
  await end('first');
  t.same([...running.keys()], ['alone']);
  await end('alone');
  t.same([...running.keys()], ['later']);
});

t.test('the request whose statements have run longest waits for the others', async (t) => {
  const { begun, ask, end } = statements();
  void ask('a', 'scan');
  void ask('b', 'scan');
  void ask('of the long one', 'scan', 5_000);
  void ask('of the fresh one', 'scan');
  await end('a');
  t.same(begun, ['a', 'b', 'of the fresh one']);
  await end('b');
  t.equal(begun.at(-1), 'of the long one');
});

t.test(
  'one scan is of the request that is late by most, the other of the one that has used least',
  async (t) => {
    const { begun, ask, end } = statements();
    void ask('a', 'scan');
    void ask('b', 'scan');
    void ask('late', 'scan', 5_000, performance.now() - 1);
    void ask('late by most', 'scan', 9_000, performance.now() - 2_000);
    void ask('fresh', 'scan');
    await end('a');
    await end('b');
    t.same(begun.slice(2), ['late by most', 'fresh']);
    await end('fresh');
    t.equal(begun.at(-1), 'late', 'where nothing else waits, both are');
    void ask('fresh too', 'scan');
    await end('late');
    t.equal(begun.at(-1), 'fresh too');
  },
);

t.test('whoever gives up waiting lets those behind it pass', async (t) => {
  const { begun, ask, queue } = statements();
  void ask('scan', 'scan');
  const leaving = new AbortController();
  const wait = { deadline: deadlineIn(60_000), signal: leaving.signal, late: () => new Error('late') };
  const alone = queue.take(async () => {}, wait, { size: 'alone', used: 0, late: Number.POSITIVE_INFINITY });
  void ask('behind', 'scan');
  await yieldToEventLoop();
  t.same(begun, ['scan']);
  leaving.abort(new Error('gone'));
  await t.rejects(alone, { message: 'gone' });
  await yieldToEventLoop();
  t.same(begun, ['scan', 'behind']);
});

t.test('whoever waits for a turn waits until its moment, also when that moves on meanwhile', async (t) => {
  const { ask, queue } = statements();
  void ask('scan', 'alone');
  const deadline = deadlineIn(50, 50, 60_000);
  const wait = { deadline, late: () => new Error('late') };
  const waiting = queue.take(async () => {}, wait, { size: 'scan', used: 0, late: Number.POSITIVE_INFINITY });
  moveOn(deadline, 200);
  await t.rejects(waiting, { message: 'late' });
  t.ok(performance.now() >= deadline.at);
  t.ok(deadline.at - deadline.began >= 250);
});

t.test('tasks that wait can be refused, and those that run go on', async (t) => {
  const { ask, end, queue } = statements();
  const first = ask('first', 'alone');
  const waiting = ask('second', 'alone');
  queue.refuseWaiting(new Error('closing'));
  await t.rejects(waiting, { message: 'closing' });
  await end('first');
  await first;
});
