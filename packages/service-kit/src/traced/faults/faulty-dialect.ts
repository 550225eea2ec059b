import type { DatabaseConnection, Dialect, Driver } from 'kysely';
import { assertWorkIsWanted } from '../../database/work.ts';
import { activeFault, markFault, waitForFault } from './active-fault.ts';
import { WaitingConnection } from './waiting-connection.ts';

/**
 * Wraps a Kysely dialect so that statements wait as on a slow database where their request asks for it
 * (`database:delay=200`); a transaction waits once, and begins then, with its first statement. No connection is taken
 * meanwhile, so that other requests do not wait too; Kysely has to know that the database has more than one. Goes inside
 * `tracedDialect`: the wait is then part of the statement's span, which is marked.
 *
 * @example
 * tracedDialect(faultyDialect(new PostgresDialect({ pool })), { system: 'postgresql' })
 */
export function faultyDialect(dialect: Dialect): Dialect {
  return {
    createAdapter: () => dialect.createAdapter(),
    createQueryCompiler: () => dialect.createQueryCompiler(),
    createIntrospector: (db) => dialect.createIntrospector(db),
    createDriver: () => faultyDriver(dialect.createDriver()),
  };
}

/** Drivers expect their own objects back, so that they are changed in place, as Kysely's own logging does. */
function faultyDriver(driver: Driver): Driver {
  const inner = {
    acquire: driver.acquireConnection.bind(driver),
    release: driver.releaseConnection.bind(driver),
    begin: driver.beginTransaction.bind(driver),
    commit: driver.commitTransaction.bind(driver),
    rollback: driver.rollbackTransaction.bind(driver),
  };
  driver.acquireConnection = async (...args) => {
    const fault = activeFault('database');
    if (fault?.kind !== 'delay') return inner.acquire(...args);
    return new WaitingConnection(
      async () => {
        markFault(fault);
        await waitForFault(fault.milliseconds);
        assertWorkIsWanted();
        return inner.acquire(...args);
      },
      (connection) => inner.release(connection),
    );
  };
  driver.releaseConnection = async (connection, ...rest) =>
    connection instanceof WaitingConnection ? connection.giveBack() : inner.release(connection, ...rest);
  driver.beginTransaction = async (connection, settings) =>
    connection instanceof WaitingConnection
      ? connection.beginLater((taken) => inner.begin(taken, settings))
      : inner.begin(connection, settings);
  driver.commitTransaction = async (connection) => {
    if (hasBegun(connection)) await inner.commit(held(connection));
  };
  driver.rollbackTransaction = async (connection) => {
    if (hasBegun(connection)) await inner.rollback(held(connection));
  };
  for (const name of ['savepoint', 'rollbackToSavepoint', 'releaseSavepoint'] as const) {
    const command = driver[name]?.bind(driver);
    if (command !== undefined) driver[name] = (connection, ...rest) => command(held(connection), ...rest);
  }
  return driver;
}

/** Whether a transaction has come as far as the database. */
function hasBegun(connection: DatabaseConnection): boolean {
  return !(connection instanceof WaitingConnection) || connection.held !== undefined;
}

function held(connection: DatabaseConnection): DatabaseConnection {
  return connection instanceof WaitingConnection ? (connection.held ?? connection) : connection;
}
