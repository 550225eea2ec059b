import type { CompiledQuery, Kysely } from 'kysely';
import { PostgresAdapter } from 'kysely';

/** More rows than a page has with all its replies; a query that sorts more reads what it does not show. */
const MAX_SORTED_ROWS = 2000;

/**
 * Records every statement that reads or changes rows from now on, also those of transactions. For a database that is
 * used by one at a time: it watches the one connection that is free.
 */
export async function recordStatements<Schema>(db: Kysely<Schema>): Promise<CompiledQuery[]> {
  const statements: CompiledQuery[] = [];
  await db.getExecutor().provideConnection(async (connection) => {
    const execute = connection.executeQuery.bind(connection);
    connection.executeQuery = (query, ...rest) => {
      if (/^(select|insert|update|delete|with)\b/.test(query.sql)) statements.push(query);
      return execute(query, ...rest);
    };
  });
  return statements;
}

/**
 * The steps of a statement's plan that take longer the more rows its tables have: reading a table that no index narrows
 * down or puts in order, and sorting more than a page.
 * @param maxSortedRows that PostgreSQL may expect to sort
 */
export async function costlySteps<Schema>(
  db: Kysely<Schema>,
  statement: CompiledQuery,
  maxSortedRows = MAX_SORTED_ROWS,
): Promise<string[]> {
  const isPostgres = db.getExecutor().adapter instanceof PostgresAdapter;
  const explain = isPostgres ? 'explain (format json)' : 'explain query plan';
  const { rows } = await db.executeQuery({ ...statement, sql: `${explain} ${statement.sql}` });
  if (!isPostgres) return costlyInSqlite(rows as SqliteStep[]);
  const [row] = rows as { 'QUERY PLAN': [{ Plan: PostgresStep }] }[];
  return row === undefined ? [] : costlyInPostgres(row['QUERY PLAN'][0].Plan, maxSortedRows);
}

interface SqliteStep {
  readonly parent: number;
  readonly detail: string;
}

function costlyInSqlite(steps: readonly SqliteStep[]): string[] {
  // A page's own rows, called `a`, are few: they may be read one by one and sorted together with their replies. So are
  // the `candidates` of a search, a bounded part of an index. What json_each reads came with the statement.
  const isPage = steps.some(({ detail }) => detail === 'SCAN a');
  const isCostly = ({ parent, detail }: SqliteStep) =>
    detail.startsWith('USE TEMP B-TREE')
      ? !(isPage && parent === 0)
      : /^SCAN (?!a$|candidates$|CONSTANT|json_each |\d+-ROW VALUES|\w+ USING (COVERING )?INDEX|\w+ VIRTUAL TABLE INDEX \d+:M)/.test(
          detail,
        );
  return steps.filter(isCostly).map(({ detail }) => detail);
}

interface PostgresStep {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Plan Rows': number;
  readonly Plans?: readonly PostgresStep[];
}

function costlyInPostgres(step: PostgresStep, maxSortedRows: number): string[] {
  const { 'Node Type': type, 'Relation Name': relation = '', 'Plan Rows': rows, Plans = [] } = step;
  const isCostly = type === 'Seq Scan' || (type === 'Sort' && rows > maxSortedRows);
  const further = Plans.flatMap((each) => costlyInPostgres(each, maxSortedRows));
  return [...(isCostly ? [`${type} ${relation} of ${rows} rows`] : []), ...further];
}
