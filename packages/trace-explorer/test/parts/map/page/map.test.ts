import t from 'tap';
import { failuresBegin } from '../../../../src/parts/map/page/begins.ts';
import { neighboursOf, planAround } from '../../../../src/parts/map/page/layout/around.ts';
import { curveOf } from '../../../../src/parts/map/page/layout/plan.ts';
import { MAX_LABELS, planWhole } from '../../../../src/parts/map/page/layout/whole.ts';

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

t.test('a line is one curve from box to box, through its label', async (t) => {
  for (const { key, points, label } of planWhole(map).lines) {
    if (label === undefined) return t.fail(`${key} has no label`);
    const [first, last] = [points[0], points.at(-1)];
    const path = curveOf(points);
    t.ok(path.startsWith(`M${first?.x} ${first?.y}`) && path.endsWith(`${last?.x} ${last?.y}`), key);
    t.notMatch(path, /L/, `${key} has no straight piece, and so no kink`);
    t.ok(
      points.some(({ x, y }) => Math.abs(x - label.x) < 2 && Math.abs(y - label.y) < 2),
      key,
    );
  }
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
  const { lines } = planWhole({ services, calls });
  t.equal(lines.length, MAX_LABELS + 1);
  for (const { points, label } of lines) t.ok(points.length > 1 && label === undefined);
});

t.test('a call to or from a service that is not known is left out', async (t) => {
  const stranger = { from: 'web', to: 'stranger', ...traffic };
  t.strictSame(planWhole({ ...map, calls: [stranger] }).lines, []);
});

t.test(
  'services may be named like the parts of an object; the map has them, and no object is changed',
  async (t) => {
    const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', '', '0', '\u0001', 'a\u0000b'];
    const before = Object.getOwnPropertyNames(Object.prototype);
    {
      const laid = planWhole({
        ...map,
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
      callers.map(({ service }) => service.name),
      ['s199'],
    );
    t.equal(callees.length, 101);
    t.equal(callees[0]?.service.name, 's7');

    const { boxes, lines, width, height } = planAround(center, callers, callees.slice(0, 5));
    t.equal(boxes.length, 7);
    const at = (key: string) => boxes.find((box) => box.key === key)?.at.x ?? 0;
    t.ok(at('callers s199') < at('s200') && at('s200') < at('callees s7'));
    for (const { at } of boxes) t.ok(at.x > 0 && at.x < width && at.y > 0 && at.y < height);
    for (const { call, points } of lines)
      t.ok((points[0]?.x ?? 0) < (points.at(-1)?.x ?? 0), `${call.from} → ${call.to} leads to the right`);
    t.end();
  });
});
