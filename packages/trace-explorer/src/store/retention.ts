import type { DuckDBConnection } from '@duckdb/node-api';
import { INTERNAL_COLUMNS, inTransaction, usedBytes } from './database.ts';
import type { Fields } from './fields.ts';
import { deleteOrphans } from './scopes.ts';
import type { Files } from './store-file.ts';
import type { TableWriter } from './table-writer.ts';
import type { Dataset, Deleted, Deletion, Dropped, Signal } from './types.ts';
import type { Batch } from './writer.ts';

/** Eviction goes down to this share of the cap, so that it is rarely needed. */
const EVICTION_TARGET = 0.85;
/**
 * Weight that eviction always leaves, as a share of the cap. Spans that cannot be compressed take twice their bytes on disk,
 * all others less, so this much always fits. The space of deleted rows is freed by whole row groups: without a minimum, the
 * next eviction would delete as much again.
 */
const MINIMUM_KEPT = 0.35;
/** What a row weighs: its span as received, and its fields. */
const WEIGHT = '(_bytes + 200)';
/** Rows without a trace that are kept or dropped together. */
const BLOCK_ROWS = 1_024;
const MINUTE_NS = 60_000_000_000;

/** Spans, which are the only rows with a kind, and log records of a group of rows. */
function countItems(fields: Fields): string {
  const kind = fields.sql('span.kind');
  return `count(${kind}), count(_span) - count(${kind})`;
}

/** What the store holds, and what it dropped since the explorer's start. Counting in the file takes 20 ms per million rows. */
export class Counts {
  rows = 0;
  spans = 0;
  logs = 0;
  /** Milliseconds since the epoch of the oldest row's arrival; undefined when there is none. */
  oldest: number | undefined;
  /** Bytes of the database's file, as of the last measurement. */
  fileBytes = 0;
  /** Bytes that the store may take: `maxBytes`, or what its disk has room for. */
  cap = Number.POSITIVE_INFINITY;
  #datasets = new Map<string, { name: string; spans: number; lastWritten: number; created: number }>();
  readonly #dropped = {
    traces: { bytes: 0, age: 0, rejected: 0, busy: 0, failed: 0 },
    logs: { bytes: 0, age: 0, rejected: 0, busy: 0, failed: 0 },
  };

  /** Counts rows and bytes again, after a start or a deletion. */
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
    this.fileBytes = await usedBytes(connection);
  }

  /** Adds rows that were just written. */
  add({ rows, requests, now }: Batch): void {
    this.rows += rows.rowCount;
    for (const { signal, items } of requests) this[signal === 'logs' ? 'logs' : 'spans'] += items;
    this.oldest ??= now;
    for (const { dataset: name, from, to } of rows.groups) {
      const entry = this.#datasets.get(name) ?? { name, spans: 0, created: now, lastWritten: now };
      entry.spans += to - from;
      entry.lastWritten = now;
      this.#datasets.set(name, entry);
    }
  }

  datasets(): readonly Dataset[] {
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

  /** A sentence for each kind of loss that a person should know of. */
  notices(maxBytes: number): string[] {
    const why = this.cap < maxBytes ? ', as its disk has no room for more' : '';
    const cap = `The store reached its cap of ${Math.round(this.cap / 1024 ** 2)} MiB${why}`;
    const { traces: spans, logs } = this.#dropped;
    return [
      spans.bytes > 0 && `${cap}: ${spans.bytes} spans of the oldest traces were dropped.`,
      logs.bytes > 0 && `${cap}: ${logs.bytes} of the oldest log records were dropped.`,
      spans.failed > 0 && `${spans.failed} spans could not be written to disk.`,
      logs.failed > 0 && `${logs.failed} log records could not be written to disk.`,
    ].filter((sentence) => sentence !== false);
  }
}

/** What is kept and for how long. Everything here runs between two transactions of the writer. */
export class Retention {
  readonly #files: Files;
  readonly #table: TableWriter;

  constructor(files: Files, table: TableWriter) {
    this.#files = files;
    this.#table = table;
  }

  /** Drops what is too old or too much. @throws DuckDB's error, DiskFullError */
  async run(): Promise<void> {
    const { connection, counts, journal, options } = this.#files;
    const before = BigInt(Date.now() - options.maxAgeMs) * 1_000_000n;
    const old = await connection.runAndReadAll('SELECT 1 FROM spans WHERE _received < $1 LIMIT 1', [before]);
    if (old.currentRowCount > 0)
      await this.#evict('age', `SELECT max(_received) < ${before} AS isOld`, 'isOld');
    counts.fileBytes = await usedBytes(connection);
    if (counts.fileBytes + journal.bytes <= counts.cap) return;
    // The journal holds several times the bytes that its rows take in the file.
    if (!(await this.#table.checkpoint(true))) return;
    counts.fileBytes = await usedBytes(connection);
    if (counts.fileBytes <= counts.cap) return;
    const share = (EVICTION_TARGET * counts.cap) / counts.fileBytes;
    const kept = `greatest(${share} * (SELECT sum${WEIGHT} FROM spans), ${counts.cap * MINIMUM_KEPT})`;
    // Newest first: the traces that together weigh more than what is kept.
    const newer = `SELECT sum(sum${WEIGHT}) OVER (ORDER BY max(_seq) DESC) AS newer`;
    await this.#evict('bytes', newer, `newer > ${kept}`);
  }

  /**
   * Deletes what a person asked for, in one transaction. A checkpoint then gives the space back.
   * @throws DuckDB's error; nothing is deleted then
   */
  async delete(which: Deletion): Promise<Deleted> {
    const trace = this.#files.fields.sql('trace.trace_id');
    let deleted: Deleted;
    if ('all' in which) deleted = await this.#deleteAll();
    else {
      // Rows of the journal go to the file first: a restart would bring them back.
      await this.#table.checkpoint();
      deleted =
        'traceId' in which
          ? await this.#deleteRows(`${trace} = $1`, which.traceId)
          : await this.#deleteRows(
              `(${trace} IN (SELECT ${trace} FROM spans GROUP BY 1 HAVING max(_time) < $1) OR (${trace} IS NULL AND _time < $1))`,
              which.before,
            );
    }
    await this.#settle();
    return deleted;
  }

  async #deleteRows(where: string, value?: string | bigint): Promise<Deleted> {
    const { connection } = this.#files;
    const values = value === undefined ? [] : [value];
    const deleted = await this.#count(`WHERE ${where}`, values);
    await inTransaction(connection, async () => {
      await connection.run(`DELETE FROM spans WHERE ${where}`, values);
      await deleteOrphans(connection);
    });
    return deleted;
  }

  /** Makes the table anew: columns of fields that no span has any more cost memory with every commit. */
  async #deleteAll(): Promise<Deleted> {
    const { connection, fields } = this.#files;
    const deleted = await this.#count('', []);
    await inTransaction(connection, async () => {
      await connection.run(`CREATE OR REPLACE TABLE spans (${INTERNAL_COLUMNS})`);
      for (const table of ['fields', 'dataset_fields', 'scopes', 'parts'])
        await connection.run(`DELETE FROM ${table}`);
    });
    this.#table.emptied();
    await fields.load(connection);
    return deleted;
  }

  async #count(where: string, values: (string | bigint)[]): Promise<Deleted> {
    const { connection, fields } = this.#files;
    const counted = await connection.runAndReadAll(
      `SELECT count(DISTINCT ${fields.sql('trace.trace_id')}), ${countItems(fields)} FROM spans ${where}`,
      values,
    );
    const [traces = 0, spans = 0, logs = 0] = (counted.getRows()[0] ?? []).map(Number);
    return { traces, spans, logs };
  }

  /**
   * Deletes whole traces with their log records. Log records without a trace are deleted by blocks of a service and a minute.
   * @param select what is asked about each unit @param where which units go
   */
  async #evict(reason: 'bytes' | 'age', select: string, where: string): Promise<void> {
    const { connection, fields, counts } = this.#files;
    const trace = fields.sql('trace.trace_id');
    const unit = `CASE WHEN ${trace} IS NULL THEN hash(_dataset, _seq // ${BLOCK_ROWS}, _received // ${MINUTE_NS}) ELSE hash(${trace}) END`;
    await connection.run(
      `CREATE OR REPLACE TEMP TABLE evicted AS SELECT unit FROM (${select}, ${unit} AS unit FROM spans GROUP BY unit) WHERE ${where}`,
    );
    const deleted = await this.#deleteRows(`${unit} IN (SELECT unit FROM evicted)`);
    await connection.run('DROP TABLE evicted');
    if (deleted.spans + deleted.logs === 0) return;
    counts.drop(reason, 'traces', deleted.spans);
    counts.drop(reason, 'logs', deleted.logs);
    await this.#settle(true);
  }

  /** After rows were deleted. @param canSkip whether the checkpoint may come later */
  async #settle(canSkip = false): Promise<void> {
    const { connection, fields, scopes, counts } = this.#files;
    scopes.forget();
    await this.#table.checkpoint(canSkip);
    await counts.measure(connection, fields);
  }
}
