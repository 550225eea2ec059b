import t from 'tap';
import { MAX_BOXES, visiblePart } from '../../../../src/page/views/map/visible-part.ts';

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

t.test('of many services those with most requests are drawn, and what is hidden is counted', (t) => {
  const part = visiblePart(map);
  t.equal(part.services.length, MAX_BOXES);
  t.ok(part.services.every(({ count }) => count >= 230 - MAX_BOXES));
  t.equal(part.hidden, 230 - MAX_BOXES);
  t.equal(part.hiddenFailing, 1);
  const drawn = new Set(part.services.map(({ name }) => name));
  t.ok(part.calls.length > 30 && part.calls.every(({ from, to }) => drawn.has(from) && drawn.has(to)));
  t.end();
});

t.test('a selected service is drawn with its neighbours and its own calls, those called most first', (t) => {
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
