import type { DuckDBConnection } from '@duckdb/node-api';

export type CounterName = 'spans' | 'evicted_bytes' | 'evicted_age' | 'rejected' | 'busy' | 'failed';

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

  get(name: CounterName): number {
    return this.#values.get(name) ?? 0;
  }

  async save(connection: DuckDBConnection): Promise<void> {
    await connection.run('DELETE FROM counters');
    for (const [name, value] of this.#values) {
      await connection.run('INSERT INTO counters VALUES ($1, $2)', [name, BigInt(value)]);
    }
  }
}
