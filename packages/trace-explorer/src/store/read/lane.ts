import { setTimeout as sleep } from 'node:timers/promises';
import type { DuckDBConnection } from '@duckdb/node-api';
import type { Deadline } from '../../shared/deadline.ts';
import { Turns } from '../../shared/turns.ts';
import { StoreError, tooManyReaders } from '../errors.ts';

export const INTERRUPT_INTERVAL_MS = 10;

/** Connections. Each task has one to itself. */
export class Lane {
  readonly #turns: Turns;
  readonly #free: DuckDBConnection[];
  readonly #busy = new Set<DuckDBConnection>();
  isClosed = false;

  constructor(connections: DuckDBConnection[]) {
    this.#free = connections;
    this.#turns = new Turns(connections.length);
  }

  /** @throws STORE_BUSY when no connection is free until the deadline, STORE_CLOSED, the signal's reason */
  take<T>(
    task: (connection: DuckDBConnection) => Promise<T>,
    deadline: Deadline,
    signal: AbortSignal | undefined,
  ): Promise<T> {
    const withConnection = async () => {
      const connection = this.#free.pop();
      if (this.isClosed || connection === undefined) throw new StoreError('STORE_CLOSED');
      this.#busy.add(connection);
      try {
        return await task(connection);
      } finally {
        this.#busy.delete(connection);
        this.#free.push(connection);
      }
    };
    return this.#turns.take(withConnection, { deadline, signal, late: tooManyReaders });
  }

  /** Interrupts running tasks and refuses waiting ones. Resolves when nothing runs. */
  async close(): Promise<void> {
    this.isClosed = true;
    while (this.#busy.size > 0) {
      for (const connection of this.#busy) connection.interrupt();
      await sleep(INTERRUPT_INTERVAL_MS);
    }
  }
}
