import t from 'tap';
import { middleOf, scaled } from '../../../../src/page/views/trace/time-range.ts';

t.test('zooming keeps to the middle, or goes to a moment, and stays within the whole', async (t) => {
  const full = [0, 100_000] as const;
  t.same(scaled(full, full, 0.5), [25_000, 75_000]);
  t.same(scaled(full, full, 0.5, 90_000), [50_000, 100_000]);
  t.same(scaled([50_000, 100_000], full, 2), full);
  t.same(scaled([0, 1000], full, 0.5), [0, 1000], 'not below a microsecond');
});

t.test('what is selected is zoomed to by its part in sight', async (t) => {
  t.equal(middleOf(0, 100, [60, 80]), 70, 'a span that is longer than what is shown');
  t.equal(middleOf(10, 20, [60, 80]), 15, 'one that is not shown');
});
