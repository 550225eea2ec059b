import { withoutKeys } from '../../../src/parts/run/command/run-facts.ts';

/** What reads somebody else's text in this part: `test/rules/received-text.test.ts` at the root takes its time. */
export const readers = {
  'an address': (text: string) => withoutKeys(`//${text}`),
};
