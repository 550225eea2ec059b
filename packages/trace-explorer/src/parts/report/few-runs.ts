import { formatCount } from '../../lib/text/words.ts';

const FEW = 'not enough runs to say';

/** What is said of too few runs, before what one failed and one passed run differ in. */
export function fewText(failed: number, passed: number): string {
  return `${FEW}: ${formatCount(failed)} of ${formatCount(failed + passed)} failed`;
}

/** Whether a sentence is about too few runs. */
export function isFew(sentence: string): boolean {
  return sentence.startsWith(FEW);
}
