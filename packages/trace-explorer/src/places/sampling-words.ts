import type { Figure, Lost } from '../sampling/schemas.ts';

type Word = (value: number) => string;

/** A figure of all spans and of the kept ones; too few kept traces have no interval. */
export type Told = Pick<Figure, 'truth' | 'kept'> & Partial<Figure>;

/** Whether a cause would no longer be found, more likely than not. */
export function isGone({ gone }: Pick<Lost['causes'][number], 'gone'>): boolean {
  return gone > 0.5;
}

/** `likely no longer found (71 %)`: what becomes of a cause, by the probability that no kept trace shows it. */
export function foundWords(gone: number, share: Word): string {
  if (!isGone({ gone })) return 'found less';
  return gone > 0.99 ? 'no longer found' : `likely no longer found (${share(gone)})`;
}

/** `12 (10 to 15)`: a figure from kept spans, and where such a figure lies in 19 of 20 cases if that is not sure. */
export function keptWords({ kept, low, high }: Told, word: Word): string {
  if (low === undefined || high === undefined) return `${word(kept)} (too few traces)`;
  const isSure = word(low) === word(kept) && word(high) === word(kept);
  return isSure ? word(kept) : `${word(kept)} (${word(low)} to ${word(high)})`;
}
