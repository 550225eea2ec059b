import { SeededRandom } from '@tandem/otlp/testing';
import t from 'tap';
import { sampleRateOf } from '../../src/sampling/sample-rate.ts';
import { adjustedCountOf, isKept, thresholdOf } from '../../src/sampling/threshold.ts';

t.test('a probability of 1 in a whole number gives that number', async (t) => {
  for (const n of [1, 2, 3, 4, 5, 7, 10, 16, 20, 50, 100, 1000, 10_000, 1_000_000]) {
    const count = adjustedCountOf(thresholdOf(1 / n)) ?? 0;
    const rates = ['00000000000000', '80000000000000', 'ffffffffffffff'].map((r) => sampleRateOf(count, r));
    for (const rate of rates) t.ok(Math.abs(rate - n) <= n * 0.001, `1 in ${n}: ${rate}`);
  }
  t.equal(sampleRateOf(adjustedCountOf('e666') ?? 0, 'ffffffffffffff'), 10);
});

t.test('the rates of what is kept add up to what there was', async (t) => {
  const random = new SeededRandom(11);
  for (const probability of [0.9, 0.75, 0.3, 0.15, 0.07]) {
    const threshold = thresholdOf(probability);
    const count = adjustedCountOf(threshold) ?? 0;
    const total = 40_000;
    let sum = 0;
    for (let i = 0; i < total; i++) {
      const randomness = random.text('0123456789abcdef', 14);
      if (isKept(randomness, threshold)) sum += sampleRateOf(count, randomness);
    }
    t.ok(Math.abs(sum / total - 1) < 0.04, `${probability}: ${sum} of ${total}`);
  }
});

t.test('both neighbours of an uneven rate occur, and the trace alone decides which', async (t) => {
  const count = adjustedCountOf(thresholdOf(0.3)) ?? 0;
  t.equal(sampleRateOf(count, 'ffffffffffffff'), 4);
  t.equal(sampleRateOf(count, 'c0000000000000'), 3);
  t.equal(sampleRateOf(count, 'c0000000000000'), 3);
});
