import t from 'tap';
import { heightOf, rowFoot } from '../../../src/page/charts/heatmap/heatmap-geometry.ts';
import { heatmapGrid } from '../../../src/page/charts/heatmap/heatmap-grid.ts';
import { seriesLines } from '../../../src/page/charts/series/series-lines.ts';
import { logTicks } from '../../../src/page/charts/ticks.ts';
import { logQuery } from '../../../src/page/views/query/log-query.ts';

const info = { granularity_seconds: 60, start_time: 600, end_time: 720, estimated: false };

t.test('logarithmic ticks are powers of ten, with 2 and 5 where there is room', async (t) => {
  t.same(logTicks(1, 100), [1, 2, 5, 10, 20, 50, 100]);
  t.same(logTicks(0.04, 3), [0.05, 0.1, 0.2, 0.5, 1, 2]);
  t.same(logTicks(1, 1e6), [1, 10, 100, 1e3, 1e4, 1e5, 1e6]);
  t.ok(logTicks(1e-9, 1e9).length <= 10);
});

t.test('a heatmap of logarithms keeps its key, and its rows stand for values', async (t) => {
  const query = {
    calculations: [{ op: 'HEATMAP', column: 'duration_ms' }, { op: 'COUNT' }],
    calculated_fields: [{ name: 'x', expression: '1' }],
  } as const;
  t.same(logQuery(query), {
    calculations: [
      { op: 'HEATMAP', column: 'log10 of duration_ms', name: 'HEATMAP(duration_ms)' },
      { op: 'COUNT' },
    ],
    calculated_fields: [
      { name: 'x', expression: '1' },
      { name: 'log10 of duration_ms', expression: 'LOG10($"duration_ms")' },
    ],
  });
  const counted = { 'HEATMAP(duration_ms)': { counts: [1, 0, 2], min_value: 0, max_value: 3, step_size: 1 } };
  const data = {
    series: [{ time: '1970-01-01T00:10:00Z', data: counted }],
    results: [{ data: counted }],
    info,
  };
  const grid = heatmapGrid(data, 'HEATMAP(duration_ms)', { log: true });
  if (grid === undefined) return t.fail('there is a grid');
  t.same(
    [0, 1, 2, 3].map((row) => rowFoot(grid, row)),
    [1, 10, 100, 1000],
  );
  t.equal(heightOf(10, grid), 1 / 3);
});

t.test('what is compared with has lines at the times of now; no logarithm is a gap', async (t) => {
  const point = (time: string, COUNT: number) => ({ time, data: { COUNT } });
  const data = {
    series: [point('1970-01-01T00:10:00Z', 4), point('1970-01-01T00:11:00Z', 0)],
    results: [{ data: { COUNT: 4 } }],
    comparison: { offset_seconds: 300, series: [point('1970-01-01T00:06:00Z', 7)], results: [{ data: {} }] },
    info,
  };
  const { lines } = seriesLines(data, 'COUNT', [], { counted: true });
  t.same(
    lines.map(({ label, values, place, earlier }) => ({ label, values, place, earlier })),
    [
      { label: 'COUNT', values: [4, 0], place: 0, earlier: undefined },
      { label: 'COUNT, 5 minutes earlier', values: [0, 7], place: 0, earlier: 300 },
    ],
  );
  t.same(
    seriesLines(data, 'COUNT', [], { counted: true, log: true }).lines.map(({ values }) => values),
    [
      [4, null],
      [null, 7],
    ],
  );
});
