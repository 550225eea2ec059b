import { setTimeout } from 'node:timers/promises';
import t from 'tap';
import { lookWithin } from '../../../src/lib/time/looks.ts';

t.test('slow looks end with their time, not with their number', async (t) => {
  let looks = 0;
  const found = await lookWithin({ ms: 100, pauseMs: 5 }, async () => {
    looks++;
    await setTimeout(60);
    return undefined;
  });
  t.equal(found, undefined);
  t.ok(looks <= 3, `${looks} looks`);
});

t.test('what is there is found, and nobody looks after an abort', async (t) => {
  let looks = 0;
  const look = async () => (++looks === 3 ? 'found' : undefined);
  t.equal(await lookWithin({ ms: 60_000, pauseMs: 1 }, look), 'found');
  t.equal(await lookWithin({ ms: 60_000, pauseMs: 1, signal: AbortSignal.abort() }, look), undefined);
  t.equal(looks, 3);
});
