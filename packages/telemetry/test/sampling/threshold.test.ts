import { SeededRandom } from '@tandem/otlp/testing';
import t from 'tap';
import { adjustedCountOf, isKept, thresholdOf } from '../../src/sampling/threshold.ts';
import { MIN_PROBABILITY } from '../../src/settings/sampling-rates.ts';

t.test('thresholds are those of the specification, at 3, 4 and 5 digits of precision', async (t) => {
  const table: [number, string, string, string][] = [
    [1, '0', '0', '0'],
    [1 / 2, '8', '8', '8'],
    [1 / 3, 'aab', 'aaab', 'aaaab'],
    [1 / 4, 'c', 'c', 'c'],
    [1 / 5, 'ccd', 'cccd', 'ccccd'],
    [1 / 8, 'e', 'e', 'e'],
    [1 / 10, 'e66', 'e666', 'e6666'],
    [1 / 16, 'f', 'f', 'f'],
    [1 / 100, 'fd71', 'fd70a', 'fd70a4'],
    [1 / 1000, 'ffbe7', 'ffbe77', 'ffbe76d'],
    [1 / 10_000, 'fff972', 'fff9724', 'fff97247'],
    [1 / 100_000, 'ffff584', 'ffff583a', 'ffff583a5'],
    [1 / 1_000_000, 'ffffef4', 'ffffef39', 'ffffef391'],
  ];
  for (const [probability, ...thresholds] of table) {
    t.same(
      [3, 4, 5].map((precision) => thresholdOf(probability, precision)),
      thresholds,
      `1 in ${Math.round(1 / probability)}`,
    );
  }
  t.equal(thresholdOf(MIN_PROBABILITY), 'ffffffffffffff', 'the least probability keeps one value');
});

t.test('a threshold says how many spans one stands for', async (t) => {
  t.equal(adjustedCountOf('0'), 1);
  t.equal(adjustedCountOf('8'), 2);
  t.equal(adjustedCountOf('c'), 4);
  t.equal(adjustedCountOf('c0000000000000'), 4);
  t.equal(adjustedCountOf('e666'), 9.99938968568813);
  t.equal(adjustedCountOf('ffffffffffffff'), 2 ** 56);
});

t.test('what is no threshold has no count', async (t) => {
  for (const text of ['', 'g', 'E666', '0x8', 'fffffffffffffff', '-1', ' 8']) {
    t.equal(adjustedCountOf(text), undefined, text);
  }
});

t.test('a trace is kept when its randomness is not below the threshold', async (t) => {
  t.equal(isKept('e6660000000000', 'e666'), true);
  t.equal(isKept('e665ffffffffff', 'e666'), false);
  t.equal(isKept('00000000000000', '0'), true);
  t.equal(isKept('00000000000000', '00000000000001'), false);
  t.equal(isKept('e6660000000000', 'e6660000000000'), true);
});

t.test(
  'every probability keeps its share, within the precision, and whatever a lower one keeps',
  async (t) => {
    const random = new SeededRandom(56);
    for (let i = 0; i < 2000; i++) {
      const [low = 0, high = 0] = [random.next() ** 4, random.next()]
        .map((p) => Math.max(p, 1e-9))
        .sort((a, b) => a - b);
      const count = adjustedCountOf(thresholdOf(low)) ?? 0;
      if (Math.abs(count * low - 1) > 0.001) t.fail(`1/${low} is not ${count}`);
      const randomness = random.text('0123456789abcdef', 14);
      if (isKept(randomness, thresholdOf(low)) && !isKept(randomness, thresholdOf(high))) {
        t.fail(`${randomness} is kept at ${low} and not at ${high}`);
      }
    }
    t.pass('2000 pairs');
  },
);
