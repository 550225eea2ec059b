import { setTimeout as sleep } from 'node:timers/promises';
import type { DuckDBConnection } from '@duckdb/node-api';
import { settlesWithin } from '../../http/settles-within.ts';
import type { Deadline } from '../../shared/deadline.ts';
import { leftOf } from '../../shared/deadline.ts';
import { StoreClosedError, tooManyReaders } from '../errors.ts';

export const INTERRUPT_INTERVAL_MS = 10;

/** Some connections, and the requests that wait for one. */
export class Lane {
  readonly #free: DuckDBConnection[];
  readonly #busy = new Set<DuckDBConnection>();
  /** In the order in which they came. */
  readonly #waiting = new Set<(connection: DuckDBConnection | undefined) => void>();
  isClosed = false;

  constructor(connections: DuckDBConnection[]) {
    this.#free = connections;
  }

  async close(): Promise<void> {
    this.isClosed = true;
    for (const give of this.#waiting) give(undefined);
    this.#waiting.clear();
    while (this.#busy.size > 0) {
      for (const connection of this.#busy) connection.interrupt();
      await sleep(INTERRUPT_INTERVAL_MS);
    }
  }

  /** @throws StoreBusyError when none is free until the deadline, StoreClosedError, the signal's reason */
  async acquire(deadline: Deadline, signal: AbortSignal | undefined): Promise<DuckDBConnection> {
    if (this.isClosed) throw new StoreClosedError();
    const connection = this.#free.pop() ?? (await this.#wait(deadline, signal));
    if (connection !== undefined) {
      this.#busy.add(connection);
      return connection;
    }
    signal?.throwIfAborted();
    throw this.isClosed ? new StoreClosedError() : tooManyReaders();
  }

  /** The next free connection; undefined at the deadline, after the signal, and when this is closed. */
  async #wait(deadline: Deadline, signal: AbortSignal | undefined): Promise<DuckDBConnection | undefined> {
    const { promise, resolve } = Promise.withResolvers<DuckDBConnection | undefined>();
    this.#waiting.add(resolve);
    await settlesWithin(promise, leftOf(deadline), signal);
    if (this.#waiting.delete(resolve)) return undefined;
    return promise;
  }

  release(connection: DuckDBConnection): void {
    const [next] = this.#waiting;
    if (next === undefined) {
      this.#busy.delete(connection);
      this.#free.push(connection);
    } else {
      this.#waiting.delete(next);
      next(connection);
    }
  }
}
