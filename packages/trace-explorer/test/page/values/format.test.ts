import t from 'tap';
import { formatTick, timeTicks } from '../../../src/page/charts/ticks.ts';
import {
  formatAgo,
  formatBytes,
  formatNumber,
  formatRate,
  formatShare,
  formatTime,
  formatUtc,
} from '../../../src/page/values/format.ts';

t.test('numbers have three significant digits', (t) => {
  const cases: [number, string][] = [
    [0, '0'],
    [7, '7'],
    [1234, '1,234'],
    [9999, '9,999'],
    [10_000, '10k'],
    [12_345, '12.3k'],
    [999_499, '999k'],
    [999_950, '1M'],
    [1_234_567, '1.23M'],
    [0.01234, '0.0123'],
    [-12.345, '-12.3'],
    [0.0000123, '1.23e-5'],
    [9999.7, '10k'],
    [-0, '0'],
    [1e15, '1,000T'],
    [1e21, '1.00e21'],
    [-1e21, '-1.00e21'],
  ];
  for (const [value, text] of cases) t.equal(formatNumber(value), text);
  t.end();
});

t.test('a time of another day has its date in English, whatever the language of the browser', async (t) => {
  const noon = new Date(2026, 10, 20, 12).getTime();
  t.match(formatTime(noon, noon + 3 * 86_400_000), /^20 Nov 2026 12:00:00\.000/);
  t.equal(formatTick(new Date(2026, 10, 20).getTime() / 1000, 86_400), '20 Nov');
});

t.test('shares, bytes and ages carry a unit', (t) => {
  t.equal(formatShare(0), '0 %');
  t.equal(formatShare(1), '100 %');
  t.equal(formatShare(0.0667), '6.67 %');
  t.equal(formatBytes(0), '0 B');
  t.equal(formatBytes(512), '512 B');
  t.equal(formatBytes(2 ** 30), '1 GiB');
  t.equal(formatAgo(0, 59_000), '59 s ago');
  t.equal(formatAgo(0, 7_200_000), '2 h ago');
  t.equal(formatAgo(2000, 0), '0 s ago', 'clocks are never quite the same');
  t.equal(formatAgo(90_000, 0), 'in 1 min', 'what is to come is not now');
  t.equal(formatAgo(7_200_000, 0), 'in 2 h');
  t.equal(formatUtc(0), '1970-01-01 00:00:00.000 UTC');
  t.end();
});

t.test('rare calls are counted, frequent calls have a rate', (t) => {
  t.equal(formatRate(2, 3600), '2/h');
  t.equal(formatRate(59, 3600), '59/h');
  t.equal(formatRate(90, 3600), '1.5/min');
  t.equal(formatRate(23_456, 3600), '6.52/s');
  t.equal(formatRate(3, 604_800), '3 in 7 d');
  t.equal(formatRate(0, 600), '0');
  t.end();
});

t.test('a local time of the other half of the year says its zone', async (t) => {
  const zone = process.env.TZ;
  process.env.TZ = 'Europe/Berlin';
  t.teardown(() => {
    if (zone === undefined) delete process.env.TZ;
    else process.env.TZ = zone;
  });
  // The clock goes back from three to two on this day: half past two is twice.
  const [summer, winter] = [Date.UTC(2026, 9, 25, 0, 30), Date.UTC(2026, 9, 25, 1, 30)];
  const noon = Date.UTC(2026, 9, 25, 11);
  t.equal(formatTime(winter, noon), '02:30:00.000');
  t.equal(formatTime(summer, noon), '02:30:00.000 GMT+0200');

  const day = 86_400;
  const ticks = timeTicks(Date.UTC(2026, 9, 23) / 1000, Date.UTC(2026, 9, 28) / 1000, 6);
  t.same(
    ticks.map((each) => formatTick(each, day)),
    ['24 Oct', '25 Oct', '26 Oct', '27 Oct', '28 Oct'],
    'each day begins at midnight, also after the clock was changed',
  );
});
