import t from 'tap';
import { layoutColumns } from '../../../../src/page/views/map/column-layout.ts';
import { NODE_HEIGHT, NODE_WIDTH } from '../../../../src/page/views/map/map-layout.ts';

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
