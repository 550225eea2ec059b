import { counted } from '../../traces/findings/words.ts';
import { readField } from '../../traces/read/span-columns.ts';
import type { Rule } from '../rule.ts';

const LONGEST_NS = 14n * 86_400n * 1_000_000_000n;

/** Records of level DEBUG are not sent for more than 14 days in production. */
export const log001: Rule = {
  name: 'LOG-001',
  impact: 'Important',
  async find({ columns, within, read, store }) {
    const level = readField(store.fields(), 'severity_text', 'VARCHAR');
    const environment = readField(store.fields(), 'deployment.environment.name', 'VARCHAR');
    const rows = await read(
      `SELECT ${columns.service}, count(*), max(_seq) FROM spans
      WHERE ${within} AND ${columns.isLog} AND upper(${level}) = 'DEBUG' AND ${environment} = 'production'
      GROUP BY 1 HAVING max(_time) - min(_time) > ${LONGEST_NS} ORDER BY 1`,
    );
    return rows.map(([service, count, example]) => ({
      service: String(service),
      sentence: `${counted(Number(count), 'record')} of level DEBUG from production, over more than 14 days`,
      mend: { node: "pino({ level: 'info' })", others: 'The level of the logger is info in production' },
      count: Number(count),
      example: Number(example),
    }));
  },
};
