import { setTimeout as wait } from 'node:timers/promises';
import type { DatabaseConnection, Dialect, Driver } from 'kysely';
import { activeFault, markFault } from './faults.ts';

/**
 * Wraps a Kysely dialect so that statements wait as on a slow database where their request asks for it
 * (`database:delay=200`). Goes inside `tracedDialect`: the wait is then part of the statement's span, which is marked.
 * A plugin of Kysely could not do it: plugins see a statement before and after its span, and only the latter may wait.
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
  const acquire = driver.acquireConnection.bind(driver);
  const changed = new WeakSet<DatabaseConnection>();
  driver.acquireConnection = async (options) => {
    const connection = await acquire(options);
    if (!changed.has(connection)) slowDown(connection);
    changed.add(connection);
    return connection;
  };
  return driver;
}

function slowDown(connection: DatabaseConnection): void {
  const execute = connection.executeQuery.bind(connection);
  connection.executeQuery = async (query, options) => {
    const fault = activeFault('database');
    const isCommand = query.query.kind === 'RawNode'; // BEGIN, COMMIT
    if (fault?.kind === 'delay' && !isCommand) {
      markFault(fault);
      await wait(fault.value, undefined, options?.signal && { signal: options.signal });
    }
    return execute(query, options);
  };
}
