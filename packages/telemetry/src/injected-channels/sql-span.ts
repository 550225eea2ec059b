import type { Described, DriverMessage } from '../any-process/drivers/commands.ts';
import { describeSql, MAX_TEXT } from '../any-process/drivers/commands.ts';
import { STANDARD, withoutValues } from '../any-process/drivers/sql-text.ts';

type Database = Pick<DriverMessage, 'database' | 'serverAddress' | 'serverPort'>;

/** The span of a statement in standard SQL. Its text has `?` for values: not all statements of these drivers are parameterised. */
export function describeStandard(system: string, sql: unknown, database: Database = {}): Described {
  return describeSql(system, withoutValues(String(sql).slice(0, MAX_TEXT), STANDARD), database);
}
