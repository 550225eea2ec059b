import type { Rule } from '../../rule.ts';

const LONGEST_NS = 14n * 86_400n * 1_000_000_000n;

/** Records of level DEBUG are not sent for more than 14 days in production. */
export const log001: Rule = ({ columns, within, text, find }) =>
  find(
    `SELECT ${columns.service}, count(*), max(_seq) FROM spans
    WHERE ${within} AND ${columns.isLog} AND upper(${text('severity_text')}) = 'DEBUG'
      AND ${text('deployment.environment.name')} = 'production'
    GROUP BY 1 HAVING max(_time) - min(_time) > ${LONGEST_NS} ORDER BY 1`,
  );

/** Log records have a severity. */
export const log002: Rule = ({ count, text }) =>
  count(
    { unset: `coalesce(${text('severity_code')}, '0') = '0' OR upper(${text('severity_text')}) = 'UNSET'` },
    'isLog',
  );
