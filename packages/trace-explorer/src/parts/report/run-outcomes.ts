import { counted, formatCount } from '../../lib/text/words.ts';

/** Failed and passed runs of a test that a common difference needs at least. */
const LEAST = 3;

/** In how many runs a test failed, also where it passed then; in how many of these it passed then; and in how many it passed at once. */
interface Outcomes {
  readonly failed: number;
  readonly flaky?: number | undefined;
  readonly passed: number;
}

/** Whether a test ran too seldom to say what all its failed runs have in common. */
export function areFew({ failed, passed }: Outcomes): boolean {
  return failed < LEAST || passed < LEAST;
}

/** What is said of too few runs, before what one failed and one passed run differ in. */
export function fewText(outcomes: Outcomes): string {
  const { failed, passed } = outcomes;
  return `not enough runs to say: ${formatCount(failed)} of ${formatCount(failed + passed)} failed${thenText(outcomes)}`;
}

/** `failed in 3 of 10 runs` */
export function failedText(outcomes: Outcomes): string {
  const { failed, passed } = outcomes;
  return `failed in ${formatCount(failed)} of ${counted(failed + passed, 'run')}${thenText(outcomes)}`;
}

function thenText({ failed, flaky = 0 }: Outcomes): string {
  if (flaky === 0) return '';
  return `, then passed on a retry${flaky === failed ? '' : ` in ${formatCount(flaky)} of them`}`;
}
