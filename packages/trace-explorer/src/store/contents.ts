import type { DuckDBConnection } from '@duckdb/node-api';
import { usedBytes } from './database.ts';
import type { Signal } from './export-request.ts';
import type { Fields } from './fields.ts';
import type { Dataset, Dropped } from './types.ts';
import type { Batch } from './writer.ts';

/** Why spans and log records are not, or no longer, in the store. */
export type DropReason = 'evicted_bytes' | 'evicted_age' | 'rejected' | 'busy' | 'failed';

/** Spans that were dropped, by reason; log records are counted apart. */
type CounterName = DropReason | `${DropReason}_logs`;

/** Two numbers of a group of rows: its spans, which all have a kind and no other rows have, and its log records. */
export function countItems(fields: Fields): string {
  const kind = fields.sql('span.kind');
  return `count(${kind}), count(_span) - count(${kind})`;
}

/**
 * How much the store holds, and how much it dropped, kept in memory: counting it in the file takes 20 ms per million rows.
 * What was dropped is saved every few seconds; a crash loses what came since.
 */
export class Contents {
  rows = 0;
  spans = 0;
  logs = 0;
  /** Milliseconds since the epoch of the oldest row's arrival; undefined when there is none. */
  oldest: number | undefined;
  /** Of the database's file, as of the last measurement. */
  fileBytes = 0;
  #datasets = new Map<string, { name: string; spans: number; lastWritten: number; created: number }>();
  readonly #counters = new Map<string, number>();

  async load(connection: DuckDBConnection, fields: Fields): Promise<void> {
    const result = await connection.runAndReadAll('SELECT name, value FROM counters');
    for (const [name, value] of result.getRows()) this.#counters.set(String(name), Number(value));
    await this.measure(connection, fields);
  }

  async save(connection: DuckDBConnection): Promise<void> {
    await connection.run('DELETE FROM counters');
    for (const [name, value] of this.#counters)
      await connection.run('INSERT INTO counters VALUES ($1, $2)', [name, BigInt(value)]);
  }

  /** Counts rows and bytes again, after a start, an eviction or a deletion. */
  async measure(connection: DuckDBConnection, fields: Fields): Promise<void> {
    const result = await connection.runAndReadAll(
      `SELECT _dataset, count(*), ${countItems(fields)}, min(_received) // 1000000, max(_received) // 1000000 FROM spans GROUP BY 1`,
    );
    const before = this.#datasets;
    this.#datasets = new Map();
    [this.rows, this.spans, this.logs, this.oldest] = [0, 0, 0, undefined];
    for (const [dataset, ...counts] of result.getRows()) {
      const name = String(dataset);
      const [rows = 0, spans = 0, logs = 0, oldest = 0, newest = 0] = counts.map(Number);
      this.rows += rows;
      this.spans += spans;
      this.logs += logs;
      this.oldest = Math.min(this.oldest ?? Number.POSITIVE_INFINITY, oldest);
      const created = Math.min(before.get(name)?.created ?? Number.POSITIVE_INFINITY, oldest);
      this.#datasets.set(name, { name, spans: rows, created, lastWritten: newest });
    }
    fields.forgetDatasets((name) => this.#datasets.has(name));
    await this.measureBytes(connection);
  }

  async measureBytes(connection: DuckDBConnection): Promise<void> {
    this.fileBytes = await usedBytes(connection);
  }

  /** Adds what was just written. */
  add({ rows, requests, now }: Batch): void {
    this.rows += rows.rowCount;
    for (const { signal, items } of requests) this[signal === 'logs' ? 'logs' : 'spans'] += items;
    this.oldest ??= now;
    for (const { dataset: name, from, to } of rows.groups) {
      const entry = this.#datasets.get(name);
      if (entry === undefined)
        this.#datasets.set(name, { name, spans: to - from, created: now, lastWritten: now });
      else {
        entry.spans += to - from;
        entry.lastWritten = now;
      }
    }
  }

  datasets(): readonly Dataset[] {
    return [...this.#datasets.values()].map((entry) => ({ ...entry }));
  }

  /** Counts what was dropped. */
  drop(reason: DropReason, signal: Signal, items: number): void {
    const name = signal === 'logs' ? (`${reason}_logs` as const) : reason;
    this.#counters.set(name, this.#counted(name) + items);
  }

  /** All of it by reason. */
  dropped(signal: Signal): Dropped {
    const count = (reason: DropReason) => this.#counted(signal === 'logs' ? `${reason}_logs` : reason);
    return {
      bytes: count('evicted_bytes'),
      age: count('evicted_age'),
      rejected: count('rejected'),
      busy: count('busy'),
      failed: count('failed'),
    };
  }

  /** What a person should know of what the store could not keep, one sentence each. */
  notices(maxBytes: number): string[] {
    const said = (name: CounterName, sentence: (count: number) => string) => {
      const count = this.#counted(name);
      return count > 0 ? [sentence(count)] : [];
    };
    const cap = `The store reached its cap of ${Math.round(maxBytes / 1024 ** 2)} MiB`;
    return [
      ...said('evicted_bytes', (count) => `${cap}: ${count} spans of the oldest traces were dropped.`),
      ...said('evicted_bytes_logs', (count) => `${cap}: ${count} of the oldest log records were dropped.`),
      ...said('failed', (count) => `${count} spans could not be written to disk.`),
      ...said('failed_logs', (count) => `${count} log records could not be written to disk.`),
    ];
  }

  #counted(name: CounterName): number {
    return this.#counters.get(name) ?? 0;
  }
}
