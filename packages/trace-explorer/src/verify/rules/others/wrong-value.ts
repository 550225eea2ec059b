import type { Rule } from '../../rule.ts';

/** Other spellings of databases that the conventions name, https://opentelemetry.io/docs/specs/semconv/db/. */
const SYSTEMS: ReadonlyMap<string, string> = new Map([
  ['pgsql', 'postgresql'],
  ['postgres', 'postgresql'],
  ['mssql', 'microsoft.sql_server'],
  ['sqlserver', 'microsoft.sql_server'],
  ['mongo', 'mongodb'],
  ['maria', 'mariadb'],
  ['elastic', 'elasticsearch'],
]);

/** A database under a name of its own, where the conventions have one. */
export const wrongValue: Rule = async ({ count, text }) => {
  const system = `lower(${text('db.system.name')})`;
  const conditions = [...SYSTEMS.keys()].map((sent) => [sent, `${system} = '${sent}'`]);
  const found = await count(Object.fromEntries(conditions));
  return found.map(({ key: sent, ...each }) => ({
    ...each,
    words: { sent, instead: SYSTEMS.get(sent) ?? '' },
  }));
};
