import { counted } from '../../traces/findings/words.ts';
import { readField } from '../../traces/read/span-columns.ts';
import type { Rule } from '../rule.ts';

/** Log records have a severity. */
export const log002: Rule = {
  name: 'LOG-002',
  impact: 'Important',
  async find({ count, store }) {
    const text = readField(store.fields(), 'severity_text', 'VARCHAR');
    const number = readField(store.fields(), 'severity_code', 'BIGINT');
    const found = await count({ unset: `(coalesce(${number}, 0) = 0 OR upper(${text}) = 'UNSET')` }, 'isLog');
    return found.map((each) => ({
      ...each,
      sentence: `${counted(each.count, 'log record')} without a severity`,
      mend: {
        node: 'logger.emit({ severityNumber: SeverityNumber.INFO, … })',
        others: 'severity_parser in the Collector’s filelog receiver',
      },
    }));
  },
};
