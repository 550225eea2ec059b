import type { Rule } from '../rule.ts';

/** Log records have a severity. */
export const log002: Rule = ({ count, text }) =>
  count(
    { unset: `coalesce(${text('severity_code')}, '0') = '0' OR upper(${text('severity_text')}) = 'UNSET'` },
    'isLog',
  );
