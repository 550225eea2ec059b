import { SeededRandom } from './seeded-random.ts';

export interface Generator {
  /** From low (included) to high (excluded). */
  integer(low: number, high: number): number;
  pick<T>(items: readonly T[]): T;
  /** Short texts, most of them unpleasant. */
  text(): string;
}

const TEXTS = [
  '',
  'a',
  'http.request.method',
  '__proto__',
  'constructor',
  '<script>alert(1)</script>',
  `'; DROP TABLE spans; --`,
  'nul \0 inside',
  'été 日本語 🎉',
  'a/b~c"d\\e',
  'x'.repeat(60),
];

/** Makes random values. Equal seeds give equal values. */
export function generator(seed: number): Generator {
  const random = new SeededRandom(seed);
  const integer = (low: number, high: number) => low + random.below(high - low);
  return {
    integer,
    pick: (items) => random.pick(items),
    text: () => random.pick(TEXTS) + (integer(0, 2) === 1 ? integer(0, 1000) : ''),
  };
}
