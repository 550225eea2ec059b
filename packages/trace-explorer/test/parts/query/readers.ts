import { hasWordsOf } from '../../../src/parts/query/tools/has-words.ts';

/** What reads somebody else's text in this part: `test/rules/received-text.test.ts` at the root takes its time. */
export const readers = {
  'search by words': (text: string) => hasWordsOf('one two')(text),
};
