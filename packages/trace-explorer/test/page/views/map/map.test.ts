import t from 'tap';
import { layoutMap } from '../../../../src/page/views/map/layout.ts';
import { MAX_LABELS } from '../../../../src/page/views/map/map-layout.ts';
import { MAX_BOXES, MAX_LINES, visiblePart } from '../../../../src/page/views/map/visible-part.ts';

const traffic = { count: 1, rate_per_second: 1, errors: 0, error_share: 0, p50_ms: 1, p99_ms: 1 };
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

t.test('sideways, a line is level from one end of its label to the other', async (t) => {
  for (const { from, to, points, label } of layoutMap(map).edges) {
    const level = points.filter(({ y }) => y === label.y).map(({ x }) => x);
    t.ok(Math.min(...level) <= label.x - 58 && Math.max(...level) >= label.x + 58, `${from} → ${to}`);
  }
});

t.test('of more lines than have room for labels, each still leads from box to box', async (t) => {
  const services = Array.from({ length: MAX_LABELS + 2 }, (_, i) => ({ name: `s${i}` }));
  const calls = services.slice(1).map(({ name }) => ({ from: 's0', to: name }));
  const { edges } = layoutMap({ services, calls });
  t.equal(edges.length, MAX_LABELS + 1);
  for (const { points, label } of edges) t.ok(points.length > 1 && points.some(({ x }) => x === label.x));
});

t.test('a call to or from a service that is not known is left out', async (t) => {
  const stranger = { from: 'web', to: 'stranger', ...traffic };
  t.strictSame(layoutMap({ ...map, calls: [stranger] }).edges, []);
});

t.test(
  'services may be named like the parts of an object; the map has them, and no object is changed',
  async (t) => {
    const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', '', '0', '\u0001', 'a\u0000b'];
    const before = Object.getOwnPropertyNames(Object.prototype);
    {
      const laid = layoutMap({
        ...map,
        services: names.map((name) => ({ name, type: 'service' as const, ...traffic })),
        calls: names.slice(1).map((to) => ({ from: '__proto__', to, ...traffic })),
      });
      t.strictSame([...laid.nodes.keys()], names);
      t.ok([...laid.nodes.values()].every(({ x, y }) => x > 0 && y > 0));
      t.strictSame(
        laid.edges.map(({ from, to }) => [from, to]),
        names.slice(1).map((to) => ['__proto__', to]),
      );
    }
    t.strictSame(Object.getOwnPropertyNames(Object.prototype), before);
  },
);

t.test('visible part', async (t) => {
  const traffic = { rate_per_second: 1, errors: 0, error_share: 0, p50_ms: 1, p99_ms: 1 };
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

  t.test('of many services those along the busiest calls are drawn, each with a line', (t) => {
    const part = visiblePart(map);
    t.strictSame(
      part.services.map(({ name }) => name),
      [...names.slice(101 - MAX_BOXES, 100), 's200'],
    );
    t.equal(part.hidden, 230 - MAX_BOXES);
    const drawn = new Set(part.services.map(({ name }) => name));
    t.ok(part.calls.every(({ from, to }) => drawn.has(from) && drawn.has(to)));
    const ends = new Set(part.calls.flatMap(({ from, to }) => [from, to]));
    t.ok([...drawn].every((name) => ends.has(name)));
    t.equal(part.calls.length, 2 * MAX_BOXES - 3, 'of the hub, and of the ring between them');
    t.end();
  });

  t.test('of many lines the lines with most calls are drawn', (t) => {
    const [first = '', ...others] = names.slice(0, MAX_BOXES);
    const many = {
      ...map,
      services: names.slice(0, MAX_BOXES).map((name) => service(name, 1)),
      calls: others.flatMap((name, i) => [
        call(first, name, i),
        call(name, first, 100 + i),
        call(name, name, 200 + i),
      ]),
    };
    const part = visiblePart(many);
    t.equal(part.calls.length, MAX_LINES);
    t.equal(part.hiddenCalls, 3 * (MAX_BOXES - 1) - MAX_LINES);
    t.equal(part.calls.filter(({ count }) => count >= 100).length, 2 * (MAX_BOXES - 1));
    t.end();
  });

  t.test('a selected service is drawn with its neighbours and its own calls, the busiest first', (t) => {
    const near = visiblePart(map, 's120');
    t.strictSame(
      near.services.map(({ name }) => name),
      ['s119', 's120', 's121'],
    );
    t.strictSame(
      near.calls.map(({ from, to }) => [from, to]),
      [
        ['s119', 's120'],
        ['s120', 's121'],
      ],
    );
    const hub = visiblePart(map, 's200');
    t.equal(hub.services.length, MAX_BOXES);
    t.equal(hub.hidden, 103 - MAX_BOXES);
    t.ok(hub.services.some(({ name }) => name === 's200') && hub.services.some(({ name }) => name === 's99'));
    t.notOk(hub.services.some(({ name }) => name === 's5'));
    t.end();
  });

  t.test('a small map is drawn whole', (t) => {
    const small = { ...map, services: map.services.slice(0, 5), calls: map.calls.slice(0, 4) };
    t.match(visiblePart(small), { services: small.services, calls: small.calls, hidden: 0 });
    t.end();
  });
});
