import t from 'tap';
import { failuresBegin } from '../../../../src/parts/map/page/begins.ts';
import { neighboursOf } from '../../../../src/parts/map/page/layout/around.ts';
import { layOut, MAX_LABELS } from '../../../../src/parts/map/page/layout/lay-out.ts';
import { HEAD, NODE_HEIGHT, NODE_WIDTH } from '../../../../src/parts/map/page/layout/plan.ts';
import { rankedBy } from '../../../../src/parts/map/page/ranked.ts';
import type { ServiceMap } from '../../../../src/parts/map/server/schemas.ts';

const traffic = {
  count: 1,
  rate_per_second: 1,
  errors: 0,
  error_share: 0,
  p50_ms: 1,
  p95_ms: 1,
  p99_ms: 1,
  total_ms: 1,
};
const map = {
  start_time: 0,
  end_time: 1,
  services: ['web', 'api', 'lookup', 'cache'].map((name) => ({ name, type: 'service' as const, ...traffic })),
  calls: [
    ['web', 'api'],
    ['api', 'lookup'],
    ['api', 'cache'],
    ['lookup', 'web'], // back
    ['web', 'cache'], // past a service
  ].map(([from = '', to = '']) => ({ from, to, ...traffic })),
};

/** The forms of a whole map. */
const formsOf = ({ services, calls }: Pick<ServiceMap, 'services' | 'calls'>) =>
  layOut(
    {
      boxes: services.map((service) => ({ key: service.name, service })),
      calls: calls.map((call) => ({ call, from: call.from, to: call.to })),
    },
    () => 90,
  );
const numbersOf = (path: string) => path.match(/-?[\d.]+/g)?.map(Number) ?? [];

t.test('a line is one curve from the edge of a box to the edge of another', async (t) => {
  for (const { boxes, lines } of formsOf(map)) {
    for (const { call, path } of lines) {
      const name = `${call.from} → ${call.to}`;
      t.notMatch(path, /L/, `${name} has no straight piece, and so no kink`);
      const numbers = numbersOf(path);
      for (const [end, [x = 0, y = 0]] of [
        [call.from, numbers.slice(0, 2)],
        [call.to, numbers.slice(-2)],
      ] as const) {
        const at = boxes.find(({ key }) => key === end)?.at ?? { x: 0, y: 0 };
        const [dx, dy] = [Math.abs(x - at.x) * 2, Math.abs(y - at.y) * 2];
        t.ok(dx <= NODE_WIDTH && dy <= NODE_HEIGHT, `${name} touches ${end}`);
        t.ok(dx === NODE_WIDTH || dy === NODE_HEIGHT, `${name} ends at the edge of ${end}`);
      }
    }
  }
});

/** The smallest radius of the bends of a path, in pixels. */
function sharpest(path: string): number {
  const [x0 = 0, y0 = 0, ...rest] = numbersOf(path);
  const points = Array.from({ length: rest.length / 2 }, (_, i) => [rest[2 * i] ?? 0, rest[2 * i + 1] ?? 0]);
  let start = [x0, y0];
  let least = Infinity;
  for (let piece = 0; piece < points.length; piece += 3) {
    const [a = [], b = [], end = []] = points.slice(piece, piece + 3);
    for (let t = 0; t <= 1; t += 1 / 64) {
      const [[dx = 0, ddx = 0] = [], [dy = 0, ddy = 0] = []] = [0, 1].map((axis) => {
        const [p = 0, q = 0, r = 0, s = 0] = [start, a, b, end].map((point) => point[axis] ?? 0);
        return [
          3 * ((1 - t) ** 2 * (q - p) + 2 * (1 - t) * t * (r - q) + t ** 2 * (s - r)),
          6 * ((1 - t) * (r - 2 * q + p) + t * (s - 2 * r + q)),
        ];
      });
      least = Math.min(least, Math.hypot(dx, dy) ** 3 / Math.abs(dx * ddy - dy * ddx));
    }
    start = end;
  }
  return least;
}

t.test('lines bend in bows, between however many boxes a window has room for', async (t) => {
  const service = (_: unknown, i: number) => ({ name: `s${i}`, type: 'service' as const, ...traffic });
  for (let boxes = 2; boxes <= 18; boxes++) {
    const services = Array.from({ length: boxes }, service);
    const others = services.slice(1).map(({ name }, i) => ({ name, before: i }));
    for (const [shape, pairs] of Object.entries({
      star: others.map(({ name }) => ['s0', name]),
      'star, called': others.map(({ name }) => [name, 's0']),
      tree: others.map(({ name, before }) => [`s${before >> 1}`, name]),
      mesh: others.flatMap(({ name, before }) => [
        [`s${before >> 2}`, name],
        [`s${(before * 7) % (before + 1)}`, name],
      ]),
    })) {
      const forms = formsOf({
        services,
        calls: pairs.map(([from = '', to = '']) => ({ from, to, ...traffic })),
      });
      // Each form has its wide plan first.
      for (const { lines, width } of forms.filter((_, at) => at % 2 === 0)) {
        if (width > 1280) continue;
        const radius = Math.min(...lines.map(({ path }) => sharpest(path)));
        t.ok(radius > 5, `${shape} of ${boxes}: ${radius} pixels`);
      }
      for (const [at, tight] of forms.entries())
        if (at % 2 === 1) t.ok(tight.width <= (forms[at - 1]?.width ?? 0), 'what had room has room');
    }
  }
});

for (const [callers, apart] of [
  ['abcd', 13.9],
  // As many as stand around a service.
  ['abcdefg', HEAD],
] as const)
  t.test(`${callers.length} lines that end at one side of a box keep their heads apart`, async (t) => {
    const names = [...callers];
    const services = [...names, 'x'].map((name) => ({ name, type: 'service' as const, ...traffic }));
    const calls = names.map((from) => ({ from, to: 'x', ...traffic }));
    for (const { lines } of formsOf({ services, calls })) {
      const ends = lines
        .map(({ path }) => numbersOf(path).slice(-2))
        .sort(([a = 0, b = 0], [c = 0, d = 0]) => a - c || b - d);
      for (const [at, [x = 0, y = 0]] of ends.slice(1).entries()) {
        const [before = 0, above = 0] = ends[at] ?? [];
        t.ok(Math.hypot(x - before, y - above) >= apart, `${x} ${y} and ${before} ${above}`);
      }
    }
  });

t.test('of services with as many failures the one where they begin is the first', async (t) => {
  const service = (name: string) => ({
    ...traffic,
    name,
    type: 'service' as const,
    count: 100,
    errors: 20,
    error_share: 0.2,
  });
  const services = ['api', 'bank', 'web'].map(service);
  const calls = [
    { ...traffic, from: 'web', to: 'api', count: 100, errors: 20 },
    { ...traffic, from: 'api', to: 'bank', count: 100, errors: 20 },
  ];
  const ranked = rankedBy('errors', { ...map, estimated: false, services, calls });
  t.equal(ranked[0]?.service.name, 'bank');
});

t.test('failures begin where no failed call of another explains them', async (t) => {
  const service = (name: string, errors: number, type: 'service' | 'database' = 'service') => ({
    ...traffic,
    name,
    type,
    count: 100,
    errors,
    error_share: errors / 100,
  });
  const call = (from: string, to: string, errors: number) => ({ ...traffic, from, to, count: 100, errors });
  const begin = failuresBegin({
    services: [service('web', 20), service('api', 25), service('bank', 20), service('sqlite', 3, 'database')],
    calls: [
      call('web', 'api', 20),
      call('api', 'bank', 20),
      call('bank', 'sqlite', 0),
      call('web', 'sqlite', 3),
    ],
  });
  t.same([...begin], ['api', 'bank', 'sqlite'], 'web only passes on; api has five of its own');
});

t.test('of more lines than have room for labels, each still leads from box to box', async (t) => {
  const services = Array.from({ length: MAX_LABELS + 2 }, (_, i) => ({
    name: `s${i}`,
    type: 'service' as const,
    ...traffic,
  }));
  const calls = services.slice(1).map(({ name }) => ({ from: 's0', to: name, ...traffic }));
  for (const { lines } of formsOf({ services, calls })) {
    t.equal(lines.length, MAX_LABELS + 1);
    for (const { path, label } of lines) t.ok(numbersOf(path).length > 4 && label === undefined);
  }
});

t.test('a call to or from a service that is not known is left out', async (t) => {
  const stranger = { from: 'web', to: 'stranger', ...traffic };
  for (const { lines } of formsOf({ ...map, calls: [stranger] })) t.strictSame(lines, []);
});

t.test(
  'services may be named like the parts of an object; the map has them, and no object is changed',
  async (t) => {
    const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', '', '0', '\u0001', 'a\u0000b'];
    const before = Object.getOwnPropertyNames(Object.prototype);
    {
      const [laid = { boxes: [], lines: [] }] = formsOf({
        services: names.map((name) => ({ name, type: 'service' as const, ...traffic })),
        calls: names.slice(1).map((to) => ({ from: '__proto__', to, ...traffic })),
      });
      t.strictSame(
        laid.boxes.map(({ service }) => service.name),
        names,
      );
      t.ok(laid.boxes.every(({ at: { x, y } }) => x > 0 && y > 0));
      t.strictSame(
        laid.lines.map(({ call: { from, to } }) => [from, to]),
        names.slice(1).map((to) => ['__proto__', to]),
      );
    }
    t.strictSame(Object.getOwnPropertyNames(Object.prototype), before);
  },
);

t.test('a service of a large map with its neighbours', async (t) => {
  const service = (name: string, count: number, errors = 0) => ({
    ...traffic,
    name,
    type: 'service' as const,
    count,
    errors,
  });
  const call = (from: string, to: string, count = 1) => ({ ...traffic, from, to, count });
  const names = Array.from({ length: 230 }, (_, i) => `s${i}`);
  const map = {
    start_time: 0,
    end_time: 1,
    estimated: false,
    services: names.map((name, i) => service(name, i, i === 3 ? 1 : 0)),
    // A ring, and a hub that calls a hundred.
    calls: [
      ...names.map((name, i) => call(name, `s${(i + 1) % 230}`)),
      ...names.slice(0, 100).map((name, i) => call('s200', name, i)),
    ],
  };

  t.test('around a service are its callers and its callees, failing ones first', (t) => {
    const center = map.services.find(({ name }) => name === 's200');
    if (center === undefined) throw new Error('s200 is on the map');
    const failing = map.calls.map((each) =>
      each.from === 's200' && each.to === 's7' ? { ...each, errors: 1 } : each,
    );
    const shown = { ...map, calls: failing };
    const callers = neighboursOf(shown, 's200', 'callers', 'errors');
    const callees = neighboursOf(shown, 's200', 'callees', 'errors');
    t.strictSame(
      callers.map(({ box }) => box.service.name),
      ['s199'],
    );
    t.equal(callees.length, 101);
    t.equal(callees[0]?.box.service.name, 's7');

    const near = [...callers, ...callees.slice(0, 5)];
    const drawn = [{ key: 's200', service: center }, ...near.map(({ box }) => box)];
    const forms = layOut({ boxes: drawn, calls: near.map((each) => each.drawn), isOrdered: true }, () => 90);
    const [{ boxes, lines, width, height } = { boxes: [], lines: [], width: 0, height: 0 }] = forms;
    t.equal(boxes.length, 7);
    const at = (key: string) => boxes.find((box) => box.key === key)?.at.x ?? 0;
    t.ok(at('callers s199') < at('s200') && at('s200') < at('callees s7'));
    const below = boxes.slice(2).map((box) => box.at.y);
    t.strictSame(
      below,
      below.toSorted((a, b) => a - b),
      'the worst is the uppermost',
    );
    for (const { at } of boxes) t.ok(at.x > 0 && at.x < width && at.y > 0 && at.y < height);
    for (const { call, path } of lines)
      t.ok(
        (numbersOf(path)[0] ?? 0) < (numbersOf(path).at(-2) ?? 0),
        `${call.from} → ${call.to} leads to the right`,
      );

    const column = forms.at(-1);
    t.equal(new Set(column?.boxes.map((box) => box.at.x)).size, 1, 'the last form is one column');
    t.strictSame(
      column?.boxes.toSorted((a, b) => a.at.y - b.at.y).map(({ key }) => key),
      ['callers s199', 's200', ...callees.slice(0, 5).map(({ box }) => box.key)],
    );
    t.ok((column?.width ?? Infinity) <= 400, 'no wider than a telephone');
    t.end();
  });
});
