import t from 'tap';
import { resolveTimeWindow, shiftWindow } from '../../../src/query/compile/time-window.ts';
import { parseQuery } from '../../../src/query/parse/parse-query.ts';

const NOW = 1_763_620_000_500;

t.test('times are absolute, relative to one end, or up to now', async (t) => {
  const window = (query: object) => resolveTimeWindow(parseQuery(query), NOW);
  t.match(
    window({}),
    { start: 1_763_612_801, end: 1_763_620_001, granularity: 60 },
    'two hours, the current second included',
  );
  t.match(window({ time_range: 600 }), { start: 1_763_619_401, end: 1_763_620_001, granularity: 5 });
  t.match(window({ start_time: 1000, end_time: 2000 }), { start: 1000, end: 2000 });
  t.match(window({ start_time: 1000, time_range: 50 }), { start: 1000, end: 1050 });
  t.match(window({ end_time: 1000, time_range: 50 }), { start: 950, end: 1000 });
  t.match(window({ start_time: 1000 }), { start: 1000, end: 8200 });
  t.match(window({ end_time: 100 }), { start: 0, end: 100 }, 'nothing is before the epoch');
  t.match(window({ start_time: 5, end_time: 5 }), { start: 5, end: 5, granularity: 1 });
});

t.test('buckets are aligned, so that two queries of one granularity have the same ones', async (t) => {
  const window = resolveTimeWindow(parseQuery({ start_time: 1010, end_time: 2000, granularity: 300 }), NOW);
  t.same(window, { start: 1010, end: 2000, granularity: 300, firstBucket: 900 });
  t.same(shiftWindow(window, 600), { start: 410, end: 1400, granularity: 300, firstBucket: 300 });
});

t.test('a granularity outside range/1000 … range is refused', async (t) => {
  const window = (granularity: number) => () =>
    resolveTimeWindow(parseQuery({ time_range: 7200, granularity }), NOW);
  t.throws(window(7), { message: /granularity: must be from 8 to 7200/ });
  t.throws(window(7201), { message: /granularity: must be from 8 to 7200/ });
  t.match(window(8)(), { granularity: 8 });
  t.match(window(7200)(), { granularity: 7200 });
});
