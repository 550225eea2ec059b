import type { DatabaseConnection, Dialect, Driver } from 'kysely';
import { assertWorkIsWanted } from './work.ts';

/**
 * Wraps a Kysely dialect so that statements keep to the work that they are part of: once its deadline has passed, or
 * its caller is gone, none starts any more, and an open transaction is rolled back instead of committed. Goes around
 * `tracedDialect`: what is refused never was a statement.
 *
 * @example
 * workDialect(tracedDialect(new PostgresDialect({ pool }), { system: 'postgresql' }))
 */
export function workDialect(dialect: Dialect): Dialect {
  return {
    createAdapter: () => dialect.createAdapter(),
    createQueryCompiler: () => dialect.createQueryCompiler(),
    createIntrospector: (db) => dialect.createIntrospector(db),
    createDriver: () => boundDriver(dialect.createDriver()),
  };
}

/** Drivers expect their own objects back, so they are changed in place, as Kysely's own logging does. */
function boundDriver(driver: Driver): Driver {
  const bound = new WeakSet<DatabaseConnection>();
  const acquire = driver.acquireConnection.bind(driver);
  const commit = driver.commitTransaction.bind(driver);
  const rollback = driver.rollbackTransaction.bind(driver);
  driver.acquireConnection = async (...args) => {
    assertWorkIsWanted();
    const connection = await acquire(...args);
    if (!bound.has(connection)) boundConnection(connection);
    bound.add(connection);
    return connection;
  };
  driver.commitTransaction = async (connection) => {
    assertWorkIsWanted();
    await commit(connection);
  };
  driver.rollbackTransaction = async (connection) => {
    // Whoever is told of the rollback is told why there was one: that it failed too would only hide it.
    await rollback(connection).catch(() => {});
  };
  return driver;
}

function boundConnection(connection: DatabaseConnection): void {
  const execute = connection.executeQuery.bind(connection);
  connection.executeQuery = async (...args) => {
    assertWorkIsWanted();
    return execute(...args);
  };
}
