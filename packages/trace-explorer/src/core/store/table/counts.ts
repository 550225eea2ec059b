import type { DuckDBConnection } from '@duckdb/node-api';
import { counted, formatCount } from '../../../lib/text/words.ts';
import type { Batch } from '../rows/batch.ts';
import type { Signal } from '../rows/request.ts';
import type { Catalogue } from './catalogue.ts';
import { usedBytes } from './database.ts';

export interface DatasetCount {
  readonly name: string;
  /** Rows: spans, span events, links and log records, as Honeycomb counts them. */
  readonly rows: number;
  /** Milliseconds since the epoch. */
  readonly lastWritten: number;
  /** Milliseconds since the epoch. */
  readonly created: number;
}

/** Counts of refused or dropped spans or log records, by reason. `Status` explains each reason. */
export type Dropped = Readonly<Record<'bytes' | 'age' | 'rejected' | 'busy' | 'failed', number>>;

/** What the table has. Rows that were just answered may not be in it yet; after a `read` they are. */
export interface StoreStats {
  readonly spans: number;
  readonly logs: number;
  readonly rows: number;
  /** Bytes in use on disk (data and journal). */
  readonly bytes: number;
  readonly maxBytes: number;
  readonly maxAgeMs: number;
  /** Milliseconds since the epoch of the oldest row's arrival; undefined when the store is empty. */
  readonly oldest: number | undefined;
  readonly fields: number;
  /** Fields that share one JSON column. Queries of these are slower. */
  readonly spilledFields: number;
  /** Statements that wait for others to end. */
  readonly waitingReads: number;
  /** Spans dropped since the explorer's start, by reason. */
  readonly dropped: Dropped;
  /** Log records dropped since the explorer's start, by reason. */
  readonly droppedLogs: Dropped;
  /** Sentences for people, such as that the store reached its cap. */
  readonly notices: readonly string[];
}

/** SQL that counts a group's spans (the only rows with a kind) and log records. */
export function countItems(catalogue: Catalogue): string {
  const kind = catalogue.sql('span.kind');
  return `count(${kind}), count(_span) - count(${kind})`;
}

/** The rows in the store, and the drops since the explorer's start. Counting the file takes 20 ms per million rows. */
export class Counts {
  rows = 0;
  spans = 0;
  logs = 0;
  /** Milliseconds since the epoch of the oldest row's arrival; undefined without rows. */
  oldest: number | undefined;
  /** Bytes of the database's file, as of the last measurement. */
  fileBytes = 0;
  /** Bytes that the store may take: `maxBytes`, or the room on the disk. */
  cap = Number.POSITIVE_INFINITY;
  #datasets = new Map<string, { name: string; rows: number; lastWritten: number; created: number }>();
  readonly #dropped = {
    traces: { bytes: 0, age: 0, rejected: 0, busy: 0, failed: 0 },
    logs: { bytes: 0, age: 0, rejected: 0, busy: 0, failed: 0 },
  };

  /** Counts rows and bytes again, after a start or a deletion. */
  async measure(connection: DuckDBConnection, catalogue: Catalogue): Promise<void> {
    const result = await connection.runAndReadAll(
      `SELECT _dataset, count(*), ${countItems(catalogue)}, min(_received) // 1000000, max(_received) // 1000000 FROM spans GROUP BY 1`,
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
      this.#datasets.set(name, { name, rows, created, lastWritten: newest });
    }
    catalogue.forgetDatasets((name) => this.#datasets.has(name));
    this.fileBytes = await usedBytes(connection);
  }

  add({ rowCount, scopes, items, now }: Batch): void {
    this.rows += rowCount;
    this.spans += items.traces;
    this.logs += items.logs;
    this.oldest ??= now;
    for (const { dataset: name, from, to } of scopes) {
      const entry = this.#datasets.get(name) ?? { name, rows: 0, created: now, lastWritten: now };
      entry.rows += to - from;
      entry.lastWritten = now;
      this.#datasets.set(name, entry);
    }
  }

  datasets(): readonly DatasetCount[] {
    return [...this.#datasets.values()].map((entry) => ({ ...entry }));
  }

  totals() {
    const { rows, spans, logs, oldest } = this;
    const { traces, logs: records } = this.#dropped;
    return { rows, spans, logs, oldest, dropped: { ...traces }, droppedLogs: { ...records } };
  }

  drop(reason: keyof Dropped, signal: Signal, items: number): void {
    this.#dropped[signal][reason] += items;
  }

  notices(maxBytes: number): string[] {
    const why = this.cap < maxBytes ? ', as its disk has no room for more' : '';
    const cap = `The store reached its cap of ${Math.round(this.cap / 1024 ** 2)} MiB${why}`;
    const { traces: spans, logs } = this.#dropped;
    return [
      spans.bytes > 0 && `${cap}: it dropped ${counted(spans.bytes, 'span')} of the oldest traces.`,
      logs.bytes > 0 && `${cap}: it dropped ${formatCount(logs.bytes)} of the oldest log records.`,
    ].filter((sentence) => sentence !== false);
  }
}
