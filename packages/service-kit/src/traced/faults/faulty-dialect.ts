import type { DatabaseConnection, Dialect, DialectAdapter, Driver } from 'kysely';
import { assertWorkIsWanted } from '../../database/work.ts';
import { activeFault, markFault, waitForFault } from './active-fault.ts';
import { Mutex } from './mutex.ts';
import { WaitingConnection } from './waiting-connection.ts';

/**
 * Wraps a Kysely dialect so that statements wait as on a slow database where their request asks for it
 * (`database:delay=200`); a transaction waits once, and begins then, with its first statement. No connection is taken
 * meanwhile, so that other requests do not wait too. Goes inside `tracedDialect`: the wait is then part of the statement's span, which is marked.
 *
 * @example
 * tracedDialect(faultyDialect(new PostgresDialect({ pool })), { system: 'postgresql' })
 */
export function faultyDialect(dialect: Dialect): Dialect {
  return {
    createAdapter: () => letWait(dialect.createAdapter()),
    createQueryCompiler: () => dialect.createQueryCompiler(),
    createIntrospector: (db) => dialect.createIntrospector(db),
    createDriver: () => faultyDriver(dialect.createDriver(), dialect.createAdapter()),
  };
}

/** Where a database has one connection, Kysely hands it out to one at a time, also to those that wait here. */
function letWait(adapter: DialectAdapter): DialectAdapter {
  return Object.defineProperty(adapter, 'supportsMultipleConnections', { value: true });
}

/** Drivers expect their own objects back, so that they are changed in place, as Kysely's own logging does. */
function faultyDriver(driver: Driver, adapter: DialectAdapter): Driver {
  const turns = adapter.supportsMultipleConnections === false ? new Mutex() : undefined;
  const inner = {
    acquire: driver.acquireConnection.bind(driver),
    release: driver.releaseConnection.bind(driver),
    begin: driver.beginTransaction.bind(driver),
    commit: driver.commitTransaction.bind(driver),
    rollback: driver.rollbackTransaction.bind(driver),
  };
  const take: Driver['acquireConnection'] = async (...args) => {
    await turns?.lock();
    try {
      return await inner.acquire(...args);
    } catch (error) {
      turns?.unlock();
      throw error;
    }
  };
  const giveBack: Driver['releaseConnection'] = async (...args) => {
    try {
      await inner.release(...args);
    } finally {
      turns?.unlock();
    }
  };

  driver.acquireConnection = async (...args) => {
    const fault = activeFault('database');
    if (fault?.kind !== 'delay') return take(...args);
    return new WaitingConnection(
      async () => {
        markFault(fault);
        await waitForFault(fault.milliseconds);
        assertWorkIsWanted();
        return take(...args);
      },
      (connection) => giveBack(connection),
    );
  };
  driver.releaseConnection = async (connection, ...rest) =>
    connection instanceof WaitingConnection ? connection.giveBack() : giveBack(connection, ...rest);
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
