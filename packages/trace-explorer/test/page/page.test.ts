import t from 'tap';
import { hrefOf, parsePlace, queryPlace, tracePlace } from '../../src/core/places/place.ts';
import { HUES, hueOf, isHollow, serviceColors } from '../../src/core/places/service-color.ts';
import { registerViews } from '../../src/core/places/views.ts';
import { tokens } from '../../src/lib/node/tokens.ts';
import { logQuery } from '../../src/page/api/log-query.ts';
import { heightOf, rowFoot } from '../../src/page/charts/heatmap/heatmap-geometry.ts';
import { heatmapGrid } from '../../src/page/charts/heatmap/heatmap-grid.ts';
import { seriesLines } from '../../src/page/charts/series/series-lines.ts';
import { scaleOf } from '../../src/page/charts/series/series-scale.ts';
import { logTicks } from '../../src/page/charts/ticks.ts';
import { honeycombQueryUrl, honeycombTraceUrl } from '../../src/page/honeycomb/honeycomb-links.ts';
import { nodeParts } from '../../src/parts.node.ts';
import { demoTraces } from '../../testing/demo-data/index.ts';

declare module '../../src/core/places/views.ts' {
  interface ViewNames {
    overview: true;
    query: true;
    traces: true;
  }
}

t.teardown(registerViews(nodeParts));

t.test('no two lines of a chart have one colour', async (t) => {
  t.equal(new Set(Array.from({ length: HUES }, (_, i) => hueOf(i))).size, HUES);
});

const info = { granularity_seconds: 60, start_time: 600, end_time: 720, estimated: false };

t.test('an axis of counts has no halves', async (t) => {
  const ticksOf = (...values: number[]) =>
    scaleOf({ lines: [{ label: '', row: {}, values, index: 0 }], log: false }).ticks;
  t.same(ticksOf(0, 1), [0, 1]);
  t.same(ticksOf(0, 0.9, 1), [0, 0.5, 1]);
});

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

t.test('a comparison has lines at the present times; a value without a logarithm is a gap', async (t) => {
  const point = (time: string, COUNT: number) => ({ time, data: { COUNT } });
  const data = {
    series: [point('1970-01-01T00:10:00Z', 4), point('1970-01-01T00:11:00Z', 0)],
    results: [{ data: { COUNT: 4 } }],
    comparison: { offset_seconds: 300, series: [point('1970-01-01T00:06:00Z', 7)], results: [{ data: {} }] },
    info,
  };
  const { lines } = seriesLines(data, 'COUNT', [], { counted: true });
  t.same(
    lines.map(({ label, values, index, earlier }) => ({ label, values, index, earlier })),
    [
      { label: 'COUNT', values: [4, 0], index: 0, earlier: undefined },
      { label: 'COUNT, 5 minutes earlier', values: [0, 7], index: 0, earlier: 300 },
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

/** The hue that a service has where it is the only one. */
const ownHue = (name: string) => serviceColors([name]).get(name) ?? -1;

t.test('names spread over all hues', (t) => {
  t.equal(new Set(Array.from({ length: 100 }, (_, i) => ownHue(`service-${i}`))).size, HUES);
  t.end();
});

/** Twice what can just be noticed is 0.04 (CSS Color 4 puts one step at 0.02); marks are small, so twice that again. */
const APART = 0.08;
/** Both colours of a token. */
const both = (token: string) =>
  new RegExp(`--${token}: light-dark\\((#\\w+), (#\\w+)\\)`).exec(tokens)?.slice(1) ?? [];
const hues = Array.from({ length: HUES }, (_, i) => both(`c${i + 1}`));

t.test('any two hues of services can be told apart, on the surface of both themes', (t) => {
  for (const theme of [0, 1]) {
    const all = hues.map((each) => each[theme] ?? '');
    const nearest = Math.min(...all.flatMap((a, i) => all.slice(i + 1).map((b) => distance(a, b))));
    t.ok(nearest >= APART, `${nearest.toFixed(3)} apart`);
    const surface = both('surface')[theme] ?? '';
    t.ok(Math.min(...all.map((color) => distance(color, surface))) >= 0.15);
  }
  t.end();
});

t.test('in a trace of the demo data with up to eight services, each has a hue of its own', (t) => {
  for (const { spans, shape } of demoTraces({ now: Date.parse('2026-11-20T09:00:00Z') })) {
    const names = [...new Set(spans.map(({ service = '' }) => service))];
    const indexes = [...serviceColors(names).values()];
    t.equal(new Set(indexes).size, names.length, shape);
    t.equal(new Set(indexes.map(hueOf)).size, Math.min(HUES, names.length), shape);
    t.equal(indexes.filter(isHollow).length, Math.max(0, names.length - HUES), shape);
  }
  t.end();
});

t.test(
  'a service keeps its own hue unless another of the view has it; the order of the names does not matter',
  (t) => {
    const names = ['activities-api', 'user-lookup', 'web', 'postgresql'];
    const colors = serviceColors(names);
    t.equal(new Set([...colors.values()].map(hueOf)).size, 4);
    for (const name of names)
      if (names.every((other) => other === name || ownHue(other) !== ownHue(name)))
        t.equal(colors.get(name), ownHue(name));
    const many = Array.from({ length: 20 }, (_, i) => `service-${i}`);
    const entries = (map: ReadonlyMap<string, number>) => [...map].toSorted();
    t.strictSame(entries(serviceColors(many)), entries(serviceColors(many.toReversed())));
    t.end();
  },
);

t.test('colours that were given stay when more services come; 230 services have as many indexes', (t) => {
  const before = serviceColors(['service-7', 'service-9']);
  const after = serviceColors(
    Array.from({ length: 230 }, (_, i) => `service-${i}`),
    before,
  );
  t.equal(after.get('service-7'), before.get('service-7'));
  t.equal(after.get('service-9'), before.get('service-9'));
  const indexes = [...after.values()];
  t.equal(new Set(indexes).size, 230);
  const each = Array.from(
    { length: HUES },
    (_, hue) => indexes.filter((index) => index % HUES === hue).length,
  );
  t.ok(Math.max(...each) - Math.min(...each) <= 1, `hues are spread: ${each}`);
  t.end();
});

/** Distance of two colours in OKLab (deltaEOK of CSS Color 4). */
function distance(a: string, b: string): number {
  const [p, q] = [oklab(a), oklab(b)];
  return Math.hypot(p[0] - q[0], p[1] - q[1], p[2] - q[2]);
}

function oklab(hex: string): [number, number, number] {
  const channel = (at: number) => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  const [r, g, b] = [channel(1), channel(3), channel(5)];
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}

const us = { team: 'my-team', environment: 'test', region: 'us' } as const;
const query = { calculations: [{ op: 'COUNT' }], time_range: 600 } as const;

t.test('a query template link holds the same specification, in the region of the team', (t) => {
  const url = new URL(honeycombQueryUrl(us, '__all__', query));
  t.equal(url.origin + url.pathname, 'https://ui.honeycomb.io/my-team/environments/test/datasets/__all__');
  t.same(JSON.parse(url.searchParams.get('query') ?? ''), query);
  const eu = new URL(honeycombQueryUrl({ ...us, region: 'eu' }, 'My Service', query));
  t.equal(
    eu.origin + eu.pathname,
    'https://ui.eu1.honeycomb.io/my-team/environments/test/datasets/my-service',
  );
  const classic = new URL(honeycombQueryUrl({ ...us, environment: '' }, 'api', query));
  t.equal(classic.pathname, '/my-team/datasets/api');
  t.end();
});

t.test('a trace link names the trace, the span and a time around both', (t) => {
  const url = new URL(
    honeycombTraceUrl(us, { id: 'abc', span: 'def', dataset: 'My Service', start: 1000.5, end: 1002.2 }),
  );
  t.equal(url.pathname, '/my-team/environments/test/trace');
  t.same(Object.fromEntries(url.searchParams), {
    trace_id: 'abc',
    span: 'def',
    trace_start_ts: '940',
    trace_end_ts: '1063',
  });
  const trace = { id: 'abc', dataset: 'My Service', start: 1, end: 2 };
  const classic = new URL(honeycombTraceUrl({ ...us, environment: '' }, trace));
  t.equal(classic.pathname, '/my-team/datasets/my-service/trace', 'classic teams have traces in datasets');
  t.end();
});

const at = (path: string) => parsePlace(new URL(path, 'http://localhost:4319'));

t.test('every place is a URL, and every URL leads back to its place', (t) => {
  const hostile = 'a/b?c#d&e=%25"<';
  const places = [
    queryPlace({ filters: [{ column: hostile, op: '=', value: hostile }] }, 'my service'),
    tracePlace('0123456789abcdef0123456789abcdef', '0123456789abcdef'),
    { view: 'trace', id: hostile, params: {} },
    { view: 'traces', params: { errors: 'true' } },
    { view: 'traces', params: {} },
    { view: 'query', params: {} },
    { view: 'overview', params: { last: '600' } },
    { view: 'overview', params: { order: 'p95', find: hostile } },
  ] as const;
  for (const place of places) t.same(at(hrefOf(place) ?? ''), place);
  t.end();
});

t.test('the start view is the overview, whatever its params; a query has an address of its own', (t) => {
  for (const path of ['/', '/?last=600', '/?dataset=__all__&query=%7B%7D'])
    t.equal(at(path)?.view, 'overview', path);
  t.equal(at('/query')?.view, 'query');
  t.equal(hrefOf({ view: 'query', params: { query: '{}' } }), '/query?query=%7B%7D');
  t.end();
});

t.test('paths that are not the page’s are not its places', (t) => {
  for (const path of [
    '/documentation',
    '/api/status',
    '/trace',
    '/traces/1',
    '/map/a/b',
    '/overview',
    '/query/1',
  ]) {
    t.equal(at(path), undefined, path);
  }
  t.same(
    at('/trace/%E0%A4%A'),
    { view: 'trace', id: '%E0%A4%A', params: {} },
    'what cannot be decoded stays',
  );
  t.end();
});
