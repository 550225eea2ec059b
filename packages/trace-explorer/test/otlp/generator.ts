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

/** The same numbers for the same seed (mulberry32), so that a failing case can be run again. */
export function generator(seed: number): Generator {
  let state = seed;
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const integer = (low: number, high: number) => low + Math.floor(next() * (high - low));
  const pick = <T>(items: readonly T[]): T => items[integer(0, items.length)] as T;
  return { integer, pick, text: () => pick(TEXTS) + (integer(0, 2) === 1 ? integer(0, 1000) : '') };
}
