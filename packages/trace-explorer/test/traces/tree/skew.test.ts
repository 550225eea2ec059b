import t from 'tap';
import { hostKey } from '../../../src/traces/read/span-record.ts';
import { skewBetween } from '../../../src/traces/tree/skew.ts';

const parent = { start: 100, duration: 50 };

t.test("Jaeger's rule for the shift between two hosts", async (t) => {
  const cases = [
    ['fits', { start: 110, duration: 20 }, 0],
    ['fits exactly', { start: 100, duration: 50 }, 0],
    ['too early: centred', { start: 0, duration: 20 }, 115],
    ['too late: centred', { start: 140, duration: 20 }, -25],
    ["longer and earlier: to the parent's start", { start: 90, duration: 60 }, 10],
    ['longer and later: left alone', { start: 120, duration: 60 }, 0],
  ] as const;
  for (const [name, child, expected] of cases) t.equal(skewBetween(parent, child), expected, name);
});

t.test('the host tells the clock, without one the process does', async (t) => {
  t.equal(hostKey({ hostName: 'mac', service: 'a' }), hostKey({ hostName: 'mac', service: 'b' }));
  t.not(hostKey({ service: 'a' }), hostKey({ service: 'b' }));
  t.not(hostKey({ service: 'a', instance: '1' }), hostKey({ service: 'a', instance: '2' }));
  t.not(hostKey({ hostId: 'a', service: 'x' }), hostKey({ service: 'a' }));
});
