import { Gathered } from '../../../src/parts/sampling/server/rules/gathered.ts';
import { conditionSql } from '../../../src/parts/sampling/server/rules/ottl.ts';
import { readRules } from '../../../src/parts/sampling/server/rules/read-rules.ts';

/** What reads somebody else's text in this part: `test/rules/received-text.test.ts` at the root takes its time. */
export const readers = {
  'sampling rules': (text: string) => readRules({ name: 'rules', text }, new Map()),
  'a condition of OTTL': (text: string) => conditionSql(text, 'span', new Gathered(new Map())),
};
