import t from 'tap';
import { layoutMap } from '../../../../src/page/views/map/layout.ts';

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
  for (const { from, to, points, label } of layoutMap(map, 'LR').edges) {
    const level = points.filter(({ y }) => y === label.y).map(({ x }) => x);
    t.ok(Math.min(...level) <= label.x - 58 && Math.max(...level) >= label.x + 58, `${from} → ${to}`);
  }
});

t.test('downwards, a line is upright beside its label, and left of it', async (t) => {
  for (const { from, to, points, label } of layoutMap(map, 'TB').edges) {
    const upright = points.filter(({ y }) => Math.abs(y - label.y) <= 21);
    t.equal(upright.length, 2, `${from} → ${to}`);
    t.ok(upright.every(({ x }) => x === upright[0]?.x && x <= label.x - 8));
  }
});

t.test('a call to or from a service that is not known is left out', async (t) => {
  const stranger = { from: 'web', to: 'stranger', ...traffic };
  t.strictSame(layoutMap({ ...map, calls: [stranger] }, 'LR').edges, []);
});

t.test(
  'services may be named like the parts of an object; the map has them, and no object is changed',
  async (t) => {
    const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', '', '0', '\u0001', 'a\u0000b'];
    const before = Object.getOwnPropertyNames(Object.prototype);
    for (const direction of ['LR', 'TB'] as const) {
      const laid = layoutMap(
        {
          ...map,
          services: names.map((name) => ({ name, type: 'service' as const, ...traffic })),
          calls: names.slice(1).map((to) => ({ from: '__proto__', to, ...traffic })),
        },
        direction,
      );
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
