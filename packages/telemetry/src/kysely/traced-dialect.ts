import type { Dialect, Driver } from 'kysely';
import type { DatabaseInfo } from './query-spans.ts';
import { QuerySpans } from './query-spans.ts';
import { TracedDriver } from './traced-driver.ts';

/** A dialect of Kysely, as far as it is wrapped: the types of this package can be used where Kysely is not installed. */
export interface KyselyDialect {
  createAdapter(): unknown;
  createDriver(): unknown;
  createIntrospector(db: never): unknown;
  createQueryCompiler(): unknown;
}

/**
 * Wraps a Kysely dialect so that every statement becomes a CLIENT span by the stable semantic conventions for
 * databases: named `db.query.summary`, with the parameterised text, never the values. A statement outside of a trace
 * (a migration at start, a health check) makes no span: it would be a trace of its own that nobody asked for.
 */
export function tracedDialect<D extends KyselyDialect>(
  dialect: D,
  info: DatabaseInfo,
): Pick<D, keyof KyselyDialect> {
  return traced(dialect as unknown as Dialect, info) as unknown as Pick<D, keyof KyselyDialect>;
}

function traced(dialect: Dialect, info: DatabaseInfo): Dialect {
  const spans = new QuerySpans(info);
  return {
    createAdapter: () => dialect.createAdapter(),
    createQueryCompiler: () => dialect.createQueryCompiler(),
    createIntrospector: (db) => dialect.createIntrospector(db),
    createDriver: (): Driver => new TracedDriver(dialect.createDriver(), spans),
  };
}
