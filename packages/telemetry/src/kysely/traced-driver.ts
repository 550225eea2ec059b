import type { DatabaseConnection, Driver, QueryCompiler, TransactionSettings } from 'kysely';
import type { QuerySpans } from './query-spans.ts';
import { runTraced } from './query-spans.ts';
import { TracedConnection } from './traced-connection.ts';

/** A Kysely driver whose connections and transaction commands make spans; everything else is the inner driver's. */
export class TracedDriver implements Driver {
  readonly #inner: Driver;
  readonly #spans: QuerySpans;
  /** Drivers keep state on their own connection objects and expect them back, so each has one wrapper for life. */
  readonly #wrappers = new WeakMap<DatabaseConnection, TracedConnection>();
  declare savepoint?: NonNullable<Driver['savepoint']>;
  declare rollbackToSavepoint?: NonNullable<Driver['rollbackToSavepoint']>;
  declare releaseSavepoint?: NonNullable<Driver['releaseSavepoint']>;

  constructor(inner: Driver, spans: QuerySpans) {
    this.#inner = inner;
    this.#spans = spans;
    // Kysely asks whether a driver has these methods: they may exist only where the inner driver's do.
    for (const [name, command] of [
      ['savepoint', 'SAVEPOINT'],
      ['rollbackToSavepoint', 'ROLLBACK TO SAVEPOINT'],
      ['releaseSavepoint', 'RELEASE SAVEPOINT'],
    ] as const) {
      const method = inner[name]?.bind(inner);
      if (method === undefined) continue;
      this[name] = (
        connection: DatabaseConnection,
        savepoint: string,
        compile: QueryCompiler['compileQuery'],
      ) => this.#command(command, () => method(unwrap(connection), savepoint, compile));
    }
  }

  init(...args: Parameters<Driver['init']>): Promise<void> {
    return this.#inner.init(...args);
  }

  async acquireConnection(...args: Parameters<Driver['acquireConnection']>): Promise<DatabaseConnection> {
    const connection = await this.#inner.acquireConnection(...args);
    let wrapper = this.#wrappers.get(connection);
    if (wrapper === undefined) {
      wrapper = new TracedConnection(connection, this.#spans);
      this.#wrappers.set(connection, wrapper);
    }
    return wrapper;
  }

  beginTransaction(connection: DatabaseConnection, settings: TransactionSettings): Promise<void> {
    return this.#command('BEGIN', () => this.#inner.beginTransaction(unwrap(connection), settings));
  }

  commitTransaction(connection: DatabaseConnection): Promise<void> {
    return this.#command('COMMIT', () => this.#inner.commitTransaction(unwrap(connection)));
  }

  rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    return this.#command('ROLLBACK', () => this.#inner.rollbackTransaction(unwrap(connection)));
  }

  releaseConnection(connection: DatabaseConnection, ...rest: unknown[]): Promise<void> {
    return this.#inner.releaseConnection(unwrap(connection), ...(rest as []));
  }

  destroy(...args: Parameters<Driver['destroy']>): Promise<void> {
    return this.#inner.destroy(...args);
  }

  #command(command: string, run: () => Promise<void>): Promise<void> {
    return runTraced(this.#spans.startCommand(command), run);
  }
}

function unwrap(connection: DatabaseConnection): DatabaseConnection {
  return connection instanceof TracedConnection ? connection.inner : connection;
}
