import { BAD_JOURNALS } from '../../../packages/trace-explorer/testing/bad-journals.ts';
import { table } from './table.ts';

export const LIMITS_PATH = 'docs/reference/limits.md';

/** The table of damage in docs/reference/limits.md, which the journal's tests go through. */
export function badJournalTable(): string {
  return table(
    ['In a file of the journal', 'What comes of it'],
    BAD_JOURNALS.map(({ damage, outcome }) => [damage, outcome]),
  );
}
