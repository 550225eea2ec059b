import { counted } from '../../../../../lib/text/words.ts';
import { verifyRule } from '../../rule.ts';

const LONGEST_NS = 14n * 86_400n * 1_000_000_000n;

export const log001 = verifyRule({
  title: 'Debug lines from production',
  impact: 'Important',
  find: ({ columns, within, text, find }) =>
    find(
      `SELECT ${columns.service}, count(*), max(_seq) FROM spans
      WHERE ${within} AND ${columns.isLog} AND upper(${text('severity_text')}) = 'DEBUG'
        AND ${text('deployment.environment.name')} = 'production'
      GROUP BY 1 HAVING max(_time) - min(_time) > ${LONGEST_NS} ORDER BY 1`,
    ),
  sentence: ({ count }) =>
    `${counted(count, 'log record')} of level DEBUG from production, over more than 14 days`,
  node: "pino({ level: 'info' })",
  others: 'The level of the logger is info in production',
});

export const log002 = verifyRule({
  title: 'Log lines without a level',
  impact: 'Important',
  find: ({ count, text }) =>
    count(
      `coalesce(${text('severity_code')}, '0') = '0' OR upper(${text('severity_text')}) = 'UNSET'`,
      'isLog',
    ),
  sentence: ({ count }) => `${counted(count, 'log record')} without a severity`,
  node: 'logger.emit({ severityNumber: SeverityNumber.INFO, … })',
  others: 'severity_parser in the Collector’s filelog receiver',
});
