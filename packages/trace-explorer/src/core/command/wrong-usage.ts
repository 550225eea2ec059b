import { nearestName } from '../conventions/nearest-name.ts';

/** Exit code for wrong arguments: the same as of the shell's own commands. */
export const WRONG_USAGE = 2;

/** The first sentence of a message, without the advice after it. */
export function withoutAdvice(message: string): string {
  const [sentence = ''] = message.split(/\.\s/, 1);
  return sentence.replace(/\.?$/, '.');
}

/**
 * One sentence about wrong arguments. For a misspelt option it names the right one.
 * @param usage says which options there are
 */
export function describeWrongUsage(message: string, usage: string): string {
  const [, wrong] = /^Unknown option '(--[^']+)'/.exec(message) ?? [];
  const known = [...new Set(usage.match(/--[a-z][a-z-]*/g))];
  // Two letters are enough for swapped neighbours.
  const meant = wrong && nearestName(wrong, known, Math.max(2, wrong.length / 3));
  return meant === undefined ? withoutAdvice(message) : `${withoutAdvice(message)} Did you mean ${meant}?`;
}
