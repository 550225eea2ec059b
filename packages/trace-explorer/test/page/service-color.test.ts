import t from 'tap';
import { DISTINCT_COLORS, serviceColors } from '../../src/page/service-color.ts';
import { demoTraces } from '../../testing/demo-data/index.ts';

/** The colour that a service has where it is the only one. */
const ownColor = (name: string) => serviceColors([name]).get(name) ?? '';

t.test('the services of this workspace, the browser and a database have four colours', (t) => {
  const names = ['activities-api', 'user-lookup', 'web', 'postgresql'];
  t.equal(new Set(names.map(ownColor)).size, 4);
  t.equal(ownColor('activities-api'), '#0072b2', 'the same in every version');
  t.end();
});

t.test('names spread over all colours', (t) => {
  const colors = new Set(Array.from({ length: 100 }, (_, i) => ownColor(`service-${i}`)));
  t.equal(colors.size, 7);
  t.end();
});

/** Twice what can just be noticed is 0.04 (CSS Color 4 puts one step at 0.02); marks are small, so twice that again. */
const APART = 0.08;
/** Both grounds of theme.css. */
const GROUNDS = { light: '#ffffff', dark: '#14171b' };

t.test(
  'in each trace of the demo data every service has a colour that differs from all others, on both grounds',
  (t) => {
    for (const { spans, shape } of demoTraces({ now: Date.parse('2026-11-20T09:00:00Z') })) {
      const names = [...new Set(spans.map(({ service = '' }) => service))];
      if (names.length > DISTINCT_COLORS) t.fail(`${shape}: ${names.length} services`);
      const colors = [...serviceColors(names).values()];
      const close = colors.flatMap((a, i) => colors.slice(i + 1).filter((b) => distance(a, b) < APART));
      if (close.length > 0 || colors.length !== names.length) t.fail(`${shape}: ${close.join(', ')}`);
    }
    const all = [
      ...serviceColors(Array.from({ length: DISTINCT_COLORS }, (_, i) => `service-${i}`)).values(),
    ];
    const nearest = Math.min(...all.flatMap((a, i) => all.slice(i + 1).map((b) => distance(a, b))));
    t.ok(nearest >= APART, `any two of ${all.length} are ${nearest.toFixed(3)} apart`);
    for (const [scheme, ground] of Object.entries(GROUNDS)) {
      t.ok(Math.min(...all.map((color) => distance(color, ground))) >= 0.15, scheme);
    }
    t.end();
  },
);

t.test(
  'a service keeps its own colour unless another of the view has it; the order of the names does not matter',
  (t) => {
    const names = ['activities-api', 'user-lookup', 'web', 'postgresql'];
    const colors = serviceColors(names);
    for (const name of names) t.equal(colors.get(name), ownColor(name));
    const many = Array.from({ length: 20 }, (_, i) => `service-${i}`);
    const entries = (map: ReadonlyMap<string, string>) => [...map].toSorted();
    t.strictSame(entries(serviceColors(many)), entries(serviceColors(many.toReversed())));
    t.end();
  },
);

t.test('colours that were given stay when more services come; beyond the palette they are shared', (t) => {
  const before = serviceColors(['service-7', 'service-9']);
  const after = serviceColors(
    Array.from({ length: 40 }, (_, i) => `service-${i}`),
    before,
  );
  t.equal(after.get('service-7'), before.get('service-7'));
  t.equal(after.get('service-9'), before.get('service-9'));
  t.equal(after.size, 40);
  t.equal(new Set(after.values()).size, DISTINCT_COLORS);
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
