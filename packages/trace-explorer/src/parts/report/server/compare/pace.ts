import type { TestPair } from './pairs.ts';

/** Work that took this much longer in the same test is not chance: times and milliseconds. */
const SLOWER = { times: 3, ms: 100 };
/** A busy machine stalls single tests: times the difference of half of the tests, and at most so many milliseconds. */
const STALL = { times: 10, ms: 900 };
/** Where the tests of a run took this many times as long in the median, the machine was slower. */
const ALL_SLOWER = 2;
/** Shorter tests say nothing about the machine. */
const SHORT_MS = 50;

/** Tells growth and slowness, in milliseconds. */
export interface Pace {
  grew(before: number, now: number): boolean;
  isSlower(before: number, now: number): boolean;
}

/** Growth and slowness beyond the machine's effect on all tests of a run. */
export function paceOf(pairs: readonly TestPair[]): Pace {
  const length = ({ times }: TestPair['now']) => Math.max(SHORT_MS, times.ms);
  const growth = medianOf(pairs.map(({ before, now }) => length(now) / length(before)));
  const differences = pairs.map(({ before, now }) => Math.abs(now.times.ms - before.times.ms));
  const least = SLOWER.ms + Math.min(STALL.ms, STALL.times * medianOf(differences));
  const together = pairs.length > 2 && growth >= ALL_SLOWER ? growth : 1;
  const grew = (before: number, now: number) => now - before >= least;
  const isSlower = (before: number, now: number) =>
    now >= SLOWER.times * together * before && grew(together * before, now);
  return { grew, isSlower };
}

function medianOf(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
