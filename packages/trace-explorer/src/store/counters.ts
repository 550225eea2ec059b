import type { DuckDBConnection } from '@duckdb/node-api';
import type { Counted } from './export-request.ts';
import { isLogs } from './export-request.ts';
import type { Dropped } from './types.ts';

/** Why spans and log records are not, or no longer, in the store. */
export type DropReason = 'evicted_bytes' | 'evicted_age' | 'rejected' | 'busy' | 'failed';

/** Spans that were dropped, by reason; log records are counted apart. */
export type CounterName = DropReason | `${DropReason}_logs`;

/** Counts that outlive a restart. Saved with each checkpoint; a crash loses at most those since the last one. */
export class Counters {
  readonly #values = new Map<string, number>();

  async load(connection: DuckDBConnection): Promise<void> {
    const result = await connection.runAndReadAll('SELECT name, value FROM counters');
    for (const [name, value] of result.getRows()) this.#values.set(String(name), Number(value));
  }

  add(name: CounterName, count: number): void {
    this.#values.set(name, this.get(name) + count);
  }

  /** Counts spans or log records of a request. */
  drop(reason: DropReason, of: Counted, count: number): void {
    this.add(isLogs(of) ? `${reason}_logs` : reason, count);
  }

  get(name: CounterName): number {
    return this.#values.get(name) ?? 0;
  }

  /** All of them by reason, of spans or (`_logs`) of log records. */
  dropped(of: '' | '_logs'): Dropped {
    const count = (reason: DropReason) => this.get(`${reason}${of}`);
    return {
      bytes: count('evicted_bytes'),
      age: count('evicted_age'),
      rejected: count('rejected'),
      busy: count('busy'),
      failed: count('failed'),
    };
  }

  async save(connection: DuckDBConnection): Promise<void> {
    await connection.run('DELETE FROM counters');
    for (const [name, value] of this.#values) {
      await connection.run('INSERT INTO counters VALUES ($1, $2)', [name, BigInt(value)]);
    }
  }
}
