import t from 'tap';
import { Times } from '../../../src/lib/time/times.ts';

/** Stretches between 0 and 12 that begin and end at whole numbers, equal at each run; some have no length. */
function stretches(count: number, seed: number) {
  let state = seed;
  const next = (below: number) => {
    state = (state * 48_271) % 2_147_483_647;
    return state % below;
  };
  return Array.from({ length: count }, () => {
    const from = next(10);
    return { from, until: from + next(3) };
  });
}

t.test('stretches meet as each of them alone would', async (t) => {
  const asked = stretches(60, 5);
  const wrong: unknown[] = [];
  for (let seed = 1; seed <= 200; seed++) {
    const all = stretches(seed % 7, seed);
    const times = new Times(all);
    for (const one of asked) {
      const isMet = all.some(({ from, until }) => from < one.until && one.from < until);
      if (times.meets(one) !== isMet) wrong.push({ all, one, isMet });
    }
  }
  t.strictSame(wrong[0], undefined);
  t.equal(new Times([]).meets({ from: 0, until: 1 }), false, 'none meets');
  t.equal(new Times([{ from: 0, until: 1 }]).meets({ from: 1, until: 2 }), false, 'one that touches');
});
