import t from 'tap';
import type { Batch } from '../../src/delivery/encoding/batch-builder.ts';
import type { WriteDown } from '../../src/delivery/memory-queue.ts';
import { MemoryQueue } from '../../src/delivery/memory-queue.ts';
import { Segment } from '../../src/delivery/spool/segment.ts';

const batchOf = (items: number): Batch => ({ body: Buffer.alloc(items * 10), items });

/** Writes to nowhere, and keeps a list of what it was given. */
function recorder() {
  const written: string[] = [];
  const write: WriteDown = ({ items, body }, state) => {
    written.push(`${items} ${state}`);
    return {
      segment: new Segment('nowhere'),
      offset: 0,
      length: body.length,
      items,
      state,
      unwritten: undefined,
    };
  };
  return { written, write };
}

t.test('small batches that wait go out together, within the limits, oldest first', async (t) => {
  const queue = new MemoryQueue();
  for (const spans of [1, 2, 3]) queue.push(batchOf(spans));
  t.equal(queue.unspooledItems, 6);
  t.equal(queue.bytes, 60);
  t.match(queue.next(3, 1000)?.batch, { items: 3 });
  t.match(queue.next(1, 1000)?.batch, { items: 3 }, 'one that is larger than the limit goes alone');
  t.equal(queue.next(1, 1000), undefined);
  t.notOk(queue.hasWaiting);
});

t.test('what is left of a batch goes before all that waits', async (t) => {
  const queue = new MemoryQueue();
  queue.push(batchOf(1));
  queue.putFirst(batchOf(5), 0);
  t.match(queue.next(5, 1000), { batch: { items: 5 }, since: 0 });
});

t.test('what is written down is not written again: a request keeps it, what waited leaves', async (t) => {
  const queue = new MemoryQueue();
  const { written, write } = recorder();
  queue.push(batchOf(1));
  const item = queue.next(10, 1000);
  if (item === undefined) throw new Error('A batch waits.');
  queue.started(item, Promise.resolve());
  queue.push(batchOf(2));
  queue.writeDown(Number.NEGATIVE_INFINITY, write);
  t.same(written, [], 'all of it is too young');
  queue.writeDown(Number.POSITIVE_INFINITY, write);
  queue.writeDown(Number.POSITIVE_INFINITY, write);
  t.same(written, ['1 taken', '2 waiting']);
  t.equal(queue.unspooledItems, 0);
  t.equal(queue.unspooledSince, undefined);
  t.notOk(queue.hasWaiting);
  t.equal(queue.requests, 1);
  queue.ended(item);
  t.equal(queue.bytes, 0);
});

t.test('what cannot be written down stays in memory', async (t) => {
  const queue = new MemoryQueue();
  queue.push(batchOf(2));
  queue.writeDown(Number.POSITIVE_INFINITY, () => undefined);
  t.equal(queue.unspooledItems, 2);
  t.ok(queue.hasWaiting);
  queue.clear();
  t.equal(queue.unspooledItems, 0);
});
