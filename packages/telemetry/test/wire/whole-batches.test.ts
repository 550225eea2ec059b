import t from 'tap';
import { BatchBuilder } from '../../src/wire/batch.ts';
import { encodeSpan } from '../../src/wire/encode-span.ts';
import { wholeBatches } from '../../src/wire/whole-batches.ts';
import type { Test } from '../export/harness.ts';
import { names, startDelivery } from '../export/harness.ts';

/** Two batches, one after the other, with three and five spans. */
function twoBatches(t: Test) {
  const { end } = startDelivery(t, { destinations: [] });
  const builder = new BatchBuilder(encodeSpan);
  return [3, 5].map((count) => {
    for (const span of end(...names(count))) builder.add(span);
    return builder.take()?.body ?? Buffer.of();
  });
}

t.test('the items of whole batches are counted', async (t) => {
  const bytes = Buffer.concat(twoBatches(t));
  t.same(wholeBatches(bytes), { length: bytes.length, items: 8 });
  t.same(wholeBatches(Buffer.of()), { length: 0, items: 0 });
});

t.test('a torn batch is cut off at the end of the last whole one, wherever it is torn', async (t) => {
  const [first = Buffer.of(), second = Buffer.of()] = twoBatches(t);
  const bytes = Buffer.concat([first, second]);
  for (let length = first.length; length < bytes.length; length++)
    t.same(wholeBatches(bytes.subarray(0, length)), { length: first.length, items: 3 });
});

t.test('bytes that are no batch end the walk', async (t) => {
  const [first = Buffer.of()] = twoBatches(t);
  for (const garbage of [Buffer.alloc(100), Buffer.from('no batch at all'), Buffer.alloc(100, 0xff)])
    t.same(wholeBatches(Buffer.concat([first, garbage, first])), { length: first.length, items: 3 });
});
