import t from 'tap';
import { MAX_BOXES, MAX_LINES, visiblePart } from '../../../../src/page/views/map/visible-part.ts';

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

t.test('a selected service is drawn with its neighbours and its own calls, those called most first', (t) => {
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
});

t.test('a small map is drawn whole', (t) => {
  const small = { ...map, services: map.services.slice(0, 5), calls: map.calls.slice(0, 4) };
  t.match(visiblePart(small), { boxes: small.services, calls: small.calls, hidden: 0 });
  t.end();
});
