import t from 'tap';
import {
  countsDiffer,
  errorsDiffer,
  quantileDifference,
} from '../../../../../src/parts/report/server/compare/chance.ts';
import { randomFrom } from './make-run.ts';

const all = (calls: number, requests: number) => new Map([[calls, requests]]);

t.test('20 requests are enough for one call more in each, and 10 are not', async (t) => {
  t.ok(countsDiffer(all(1, 20), all(2, 20), [20, 20], 1e-6));
  t.ok(countsDiffer(new Map(), all(1, 20), [20, 20], 1e-6));
  t.notOk(countsDiffer(all(1, 10), all(2, 10), [10, 10], 1e-6));
});

t.test('the same share of calls is no difference, nor is one of less than a tenth', async (t) => {
  t.notOk(countsDiffer(all(1, 100), all(1, 1000), [200, 2000], 1e-6));
  t.notOk(countsDiffer(all(1, 0), all(1, 900), [10_000, 10_000], 1e-6), 'a cache that is warm');
  t.ok(countsDiffer(all(1, 0), all(1, 1_100), [10_000, 10_000], 1e-6));
});

t.test('a median that flips between equal runs is no difference', async (t) => {
  const half = (ones: number) =>
    new Map([
      [1, ones],
      [2, 100 - ones],
    ]);
  t.notOk(countsDiffer(half(49), half(52), [100, 100], 1e-4));
  t.ok(countsDiffer(half(20), half(80), [100, 100], 1e-4));
});

t.test('shares of errors differ where chance does not explain them', async (t) => {
  // Twice the chance that ten of ten errors are in the second of two equal runs: 2 / 2^10.
  t.ok(errorsDiffer(0, 10, [300, 300], 0.002));
  t.notOk(errorsDiffer(0, 10, [300, 300], 0.0019));
  t.notOk(errorsDiffer(0, 0, [300, 300], 0.01));
  t.ok(errorsDiffer(10, 0, [300, 300], 0.002));
  t.ok(errorsDiffer(290, 300, [300, 300], 0.002), 'what did not fail is rarer');
  t.ok(errorsDiffer(10_000, 12_000, [50_000, 50_000], 1e-6));
});

t.test('the interval is that of the bootstrap', async (t) => {
  const random = randomFrom(5);
  const sample = (more: number) =>
    Array.from({ length: 101 }, () => more + 100 * random()).sort((a, b) => a - b);
  const [base, head] = [sample(0), sample(10)];
  const median = (values: number[]) => values.toSorted((a, b) => a - b)[50] ?? 0;
  const drawn = (values: number[]) => median(values.map(() => values[Math.floor(random() * 101)] ?? 0));
  const differences = Array.from({ length: 20_000 }, () => drawn(head) - drawn(base)).sort((a, b) => a - b);
  const found = quantileDifference(base, head, 0.5, 0.05);
  t.match(found, { base: base[50], head: head[50] });
  t.ok(Math.abs((found?.low ?? 0) - (differences[500] ?? 0)) < 1);
  t.ok(Math.abs((found?.high ?? 0) - (differences[19_500] ?? 0)) < 1);
});

t.test('0 stays inside where durations are equal, and few durations have no P95', async (t) => {
  const same = Array.from({ length: 100 }, () => 5);
  const found = quantileDifference(same, same, 0.5, 0.01);
  t.ok(found !== undefined && found.low <= 0 && found.high >= 0);
  t.equal(quantileDifference(same, same, 0.95, 0.01), undefined);
  t.equal(quantileDifference([], same, 0.5, 0.01), undefined);
});
