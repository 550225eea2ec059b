import t from 'tap';
import { heatmapAxis } from '../../../src/query/compile/heatmap-axis.ts';
import { heatmapValue } from '../../../src/query/result/heatmap-value.ts';

t.test('an axis has readable steps, at most fifty or so, and holds both ends', async (t) => {
  t.same(heatmapAxis(0, 99.5, false), { min: 0, step: 2, count: 50 });
  t.same(heatmapAxis(3, 1003, false), { min: 0, step: 20, count: 51 });
  t.same(heatmapAxis(-7, 7, false), { min: -7, step: 0.5, count: 29 });
  t.same(heatmapAxis(5, 5, false), { min: 5, step: 1, count: 1 });
  t.same(heatmapAxis(0, 3, true), { min: 0, step: 1, count: 4 }, 'integers in whole steps');
  for (const [min, max] of [
    [0.001, 0.0017],
    [1, 1e15],
    [-1e-9, 1e9],
    [0.1, 0.3],
    [5e-324, 1e300],
  ] as const) {
    const { min: start, step, count } = heatmapAxis(min, max, false);
    t.ok(count >= 1 && count <= 52, `${count} buckets`);
    t.ok(
      start <= min && Math.floor((max - start) / step) <= count,
      `${start} by ${step} holds ${min} to ${max}`,
    );
  }
});

t.test('a heatmap says where each bucket lies; without values there are none', async (t) => {
  const value = heatmapValue(
    { min: 10, step: 5, count: 3 },
    new Map([
      [0, 2],
      [2, 1],
    ]),
  );
  t.same(value, { counts: [2, 0, 1], min_value: 10, max_value: 25, step_size: 5 });
  t.same(heatmapValue(undefined, new Map()), { counts: [], min_value: 0, max_value: 0, step_size: 0 });
});
