import t from 'tap';
import { layoutColumns } from '../../../../src/page/views/map/column-layout.ts';
import { layoutMap } from '../../../../src/page/views/map/layout.ts';
import { NODE_HEIGHT, NODE_WIDTH } from '../../../../src/page/views/map/map-layout.ts';
import { MAX_BOXES, MAX_LINES, visiblePart } from '../../../../src/page/views/map/visible-part.ts';

const names = Array.from({ length: 36 }, (_, i) => `s${i}`);
const shape = {
  services: names.map((name) => ({ name })),
  // A circle, one that calls all and one that all call.
  calls: [
    ...names.slice(2).map((name, i) => ({ from: name, to: names[2 + ((i + 1) % 34)] ?? '' })),
    ...names.slice(1).map((to) => ({ from: 's0', to })),
    ...names.slice(2).map((from) => ({ from, to: 's1' })),
  ],
  grouped: true,
};

t.test(
  'groups that call each other in circles fit one screen, callers on the left, no box on another',
  (t) => {
    const { width, height, nodes, edges } = layoutColumns(shape, 'LR');
    t.ok(width < 1500 && height < 800, `${width} x ${height}`);
    t.equal(nodes.size, 36);
    t.equal(edges.length, shape.calls.length);
    const at = [...nodes.values()];
    t.equal(nodes.get('s0')?.x, Math.min(...at.map(({ x }) => x)));
    t.equal(nodes.get('s1')?.x, Math.max(...at.map(({ x }) => x)));
    for (const [i, a] of at.entries()) {
      for (const b of at.slice(i + 1)) {
        if (Math.abs(a.x - b.x) < NODE_WIDTH && Math.abs(a.y - b.y) < NODE_HEIGHT)
          t.fail('two boxes overlap');
      }
    }
    t.end();
  },
);

t.test('a narrow window has two columns, and a box without calls a place', (t) => {
  const { width, nodes } = layoutColumns(
    { ...shape, services: [...shape.services, { name: 'alone' }] },
    'TB',
  );
  t.ok(width < 520);
  t.ok(nodes.has('alone'));
  t.end();
});

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

  t.test('of many services each is in one box, and the lines with most calls are drawn', (t) => {
    const part = visiblePart(map);
    t.equal(part.boxes.length, MAX_BOXES);
    const others = part.boxes.find(({ name }) => name === 'others');
    t.equal(others?.type === 'group' && others.members.length, 231 - MAX_BOXES);
    t.equal(others?.errors, 1);
    t.equal(part.hidden, 0);
    const drawn = new Set(part.boxes.map(({ name }) => name));
    t.ok(part.calls.length > 30 && part.calls.length <= MAX_LINES);
    t.ok(part.calls.every(({ from, to }) => drawn.has(from) && drawn.has(to)));
    t.end();
  });

  t.test('groups are by namespace, by the first word of a name, by the kind of database', (t) => {
    const many = {
      ...map,
      services: [
        ...Array.from({ length: 20 }, (_, i) => service(`order-${i}`, 10 - i, i)),
        ...Array.from({ length: 20 }, (_, i) => ({ ...service(`s${i}`, 1), namespace: 'shop' })),
        { ...service('redis order', 3), type: 'database' as const },
        { ...service('redis cart', 3), type: 'database' as const },
        service('order', 5),
        service('web', 1000),
      ],
      calls: [
        call('web', 'order-1', 3),
        call('web', 'order-2', 4),
        call('order-1', 'order-2'),
        call('s1', 's1', 9),
      ],
    };
    const folded = visiblePart(many);
    t.strictSame(
      folded.boxes.map(({ name }) => name),
      ['name:order', 'namespace:shop', 'database:redis', 'web'],
    );
    t.match(
      folded.calls,
      [{ from: 'web', to: 'name:order', count: 7 }],
      'calls within a group are its own affair',
    );
    t.match(folded.boxes[0], { title: 'order', errors: 190, members: { length: 21 } });
    const open = visiblePart(many, { unfolded: new Set(['name:order']) });
    t.equal(open.boxes.length, 21 + 3);
    t.strictSame(
      open.calls.map(({ from, to }) => `${from} ${to}`),
      ['web order-1', 'web order-2', 'order-1 order-2'],
    );
    t.end();
  });

  t.test(
    'a large group unfolds into its busiest members and a group of the rest; a single group is unfolded',
    (t) => {
      const alike = { ...map, services: names.map((name, i) => service(`job-${name}`, i)), calls: [] };
      const once = visiblePart(alike);
      t.equal(once.boxes.length, MAX_BOXES);
      t.match(once.boxes.at(-1), { type: 'group', name: 'name:job +', members: { length: 231 - MAX_BOXES } });
      const twice = visiblePart(alike, { unfolded: new Set(['name:job', 'name:job +']) });
      t.equal(twice.boxes.length, 2 * MAX_BOXES - 1);
      t.end();
    },
  );

  t.test(
    'a selected service is drawn with its neighbours and its own calls, those called most first',
    (t) => {
      const near = visiblePart(map, { selected: 's120' });
      t.strictSame(
        near.boxes.map(({ name }) => name),
        ['s119', 's120', 's121'],
      );
      t.strictSame(
        near.calls.map(({ from, to }) => [from, to]),
        [
          ['s119', 's120'],
          ['s120', 's121'],
        ],
      );
      const hub = visiblePart(map, { selected: 's200' });
      t.equal(hub.boxes.length, MAX_BOXES);
      t.equal(hub.hidden, 103 - MAX_BOXES);
      t.ok(hub.boxes.some(({ name }) => name === 's200') && hub.boxes.some(({ name }) => name === 's99'));
      t.notOk(hub.boxes.some(({ name }) => name === 's5'));
      t.end();
    },
  );

  t.test('a small map is drawn whole', (t) => {
    const small = { ...map, services: map.services.slice(0, 5), calls: map.calls.slice(0, 4) };
    t.match(visiblePart(small), { boxes: small.services, calls: small.calls, hidden: 0 });
    t.end();
  });
});
