import type { CompiledQuery, Kysely } from 'kysely';
import { PostgresAdapter, sql } from 'kysely';
import pg from 'pg';

/** More rows than a page has with all its replies. A query that sorts more rows reads rows that it does not show. */
const MAX_SORTED_ROWS = 2000;
/** PostgreSQL keeps a plan of a prepared statement after it has planned the statement this often. */
const KEPT_FROM = 6;

/**
 * Records every statement that reads or changes rows, in transactions too. It watches one free connection, so only one
 * caller may use the database.
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
 * The steps of a statement's plan that take longer for larger tables: reading a table without an index, and sorting more
 * rows than a page has.
 * @param maxSortedRows the most rows that PostgreSQL may expect to sort
 */
export async function costlySteps<Schema>(
  db: Kysely<Schema>,
  statement: CompiledQuery,
  maxSortedRows = MAX_SORTED_ROWS,
): Promise<string[]> {
  if (db.getExecutor().adapter instanceof PostgresAdapter) {
    const plans = await db.connection().execute((connection) => postgresPlans(connection, statement));
    return [...new Set(plans.flatMap((plan) => costlyInPostgres(plan, maxSortedRows)))];
  }
  const { rows } = await db.executeQuery({ ...statement, sql: `explain query plan ${statement.sql}` });
  return costlyInSqlite(rows as SqliteStep[]);
}

/**
 * The plan for these values, and the plan that a connection keeps. From the sixth time on, PostgreSQL plans a prepared
 * statement without its values, unless such a plan looks more expensive.
 */
async function postgresPlans<Schema>(
  db: Kysely<Schema>,
  { sql: text, parameters }: CompiledQuery,
): Promise<PostgresStep[]> {
  const literals = parameters.map((value) => (value === null ? 'null' : pg.escapeLiteral(String(value))));
  const values = literals.length === 0 ? '' : `(${literals.join()})`;
  const explain = async () => {
    const { rows } = await sql
      .raw<{ 'QUERY PLAN': [{ Plan: PostgresStep }] }>(`explain (format json) execute looked_at ${values}`)
      .execute(db);
    return rows.map((row) => row['QUERY PLAN'][0].Plan);
  };
  await sql.raw(`prepare looked_at as ${text}`).execute(db);
  try {
    const first = await explain();
    for (let time = 2; time < KEPT_FROM; time++) await explain();
    return [...first, ...(await explain())];
  } finally {
    await sql.raw('deallocate looked_at').execute(db);
  }
}

interface SqliteStep {
  readonly parent: number;
  readonly detail: string;
}

function costlyInSqlite(steps: readonly SqliteStep[]): string[] {
  // A page's rows, called `a`, are few, so they may be read one by one and sorted with their replies. The same is true for
  // the `candidates` of a search, a bounded part of an index. The rows of json_each came with the statement.
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
