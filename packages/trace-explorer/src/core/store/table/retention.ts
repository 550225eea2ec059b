import { ClockCheck } from '../../../lib/time/clock-check.ts';
import type { Journal } from '../journal/journal.ts';
import { countItems } from './counts.ts';
import { INTERNAL_COLUMNS, inTransaction, usedBytes } from './database.ts';
import { deleteOrphans } from './scopes.ts';
import type { SpanTable } from './table.ts';

/** Eviction goes down to this share of the cap, so that evictions are rare. */
const EVICTION_TARGET = 0.85;
/**
 * Weight that eviction always leaves, as a share of the cap. Spans that cannot be compressed take twice their bytes on disk,
 * all others less, so this much always fits. The space of deleted rows is freed by whole row groups: without a minimum, the
 * next eviction would delete as much again.
 */
const MINIMUM_KEPT = 0.35;
/** A row's weight: the span as received, and the fields. */
const WEIGHT = '(_bytes + 200)';
/** Rows without a trace that stay or go together. */
const UNTRACED_ROWS = 1_024;
const MINUTE_NS = 60_000_000_000;

/** The scope of a deletion: everything, one trace with its log records, or all that ends before a time (nanoseconds). */
export type Deletion = { readonly all: true } | { readonly traceId: string } | { readonly before: bigint };

export interface DeletedRows {
  readonly traces: number;
  readonly spans: number;
  readonly logs: number;
}

/** Drops and deletes rows. Everything here runs between two transactions of the writer. */
export class Retention {
  readonly #table: SpanTable;
  readonly #journal: Pick<Journal, 'bytes' | 'removeKept'>;
  readonly #maxAgeMs: number;
  readonly #clock = new ClockCheck();
  /** Why nothing is dropped for its age at present. */
  doubt: string | undefined;

  constructor(table: SpanTable, journal: Pick<Journal, 'bytes' | 'removeKept'>, maxAgeMs: number) {
    this.#table = table;
    this.#journal = journal;
    this.#maxAgeMs = maxAgeMs;
  }

  /** Drops traces that are too old, or too many for the cap. @throws DuckDB's error, DISK_FULL */
  async run(): Promise<void> {
    const { connection, counts } = this.#table;
    const now = Date.now();
    const before = now - this.#maxAgeMs;
    const isOld = (counts.oldest ?? now) < before;
    const newest = counts.datasets().reduce((last, { lastWritten }) => Math.max(last, lastWritten), 0) || now;
    const doubt = this.#clock.doubt(now, newest, this.#maxAgeMs);
    this.doubt = isOld ? doubt : undefined;
    if (isOld && doubt === undefined)
      await this.#evict('age', `SELECT max(_received) < ${before}000000 AS isOld`, 'isOld');
    counts.fileBytes = await usedBytes(connection);
    if (counts.fileBytes + this.#journal.bytes <= counts.cap) return;
    // The journal holds several times the bytes that its rows take in the file.
    if (!(await this.#table.checkpoint(true))) return;
    counts.fileBytes = await usedBytes(connection);
    if (counts.fileBytes <= counts.cap) return;
    const share = (EVICTION_TARGET * counts.cap) / counts.fileBytes;
    const kept = `greatest(${share} * (SELECT sum${WEIGHT} FROM spans), ${counts.cap * MINIMUM_KEPT})`;
    // Counted from the newest trace: the traces beyond the weight that is kept.
    const newer = `SELECT sum(sum${WEIGHT}) OVER (ORDER BY max(_seq) DESC) AS newer`;
    await this.#evict('bytes', newer, `newer > ${kept}`);
  }

  /**
   * Deletes on request, in one transaction. A checkpoint then gives the space back.
   * @throws DuckDB's error; nothing is deleted then
   */
  async delete(which: Deletion): Promise<DeletedRows> {
    const trace = this.#table.catalogue.sql('trace.trace_id');
    let deleted: DeletedRows;
    if ('all' in which) deleted = await this.#deleteAll();
    else {
      // Rows of the journal go to the file first: a restart would bring deleted rows back.
      await this.#table.checkpoint();
      deleted =
        'traceId' in which
          ? await this.#deleteRows(`${trace} = $1`, [which.traceId])
          : await this.#deleteRows(
              `(${trace} IN (SELECT ${trace} FROM spans GROUP BY 1 HAVING max(_time) < $1) OR (${trace} IS NULL AND _time < $1))`,
              [which.before],
            );
    }
    await this.#settle();
    // The checkpoint has put damaged segments aside.
    if ('all' in which) await this.#journal.removeKept();
    return deleted;
  }

  async #deleteRows(where: string, values: (string | bigint)[]): Promise<DeletedRows> {
    const { connection } = this.#table;
    const deleted = await this.#count(`WHERE ${where}`, values);
    await inTransaction(connection, async () => {
      await connection.run(`DELETE FROM spans WHERE ${where}`, values);
      await deleteOrphans(connection);
    });
    return deleted;
  }

  /** Makes the table anew: columns of fields that no span has any more cost memory with every commit. */
  async #deleteAll(): Promise<DeletedRows> {
    const { connection } = this.#table;
    const deleted = await this.#count('', []);
    await inTransaction(connection, async () => {
      await connection.run(`CREATE OR REPLACE TABLE spans (${INTERNAL_COLUMNS})`);
      for (const table of ['fields', 'dataset_fields', 'scopes', 'parts'])
        await connection.run(`DELETE FROM ${table}`);
    });
    await this.#table.emptied();
    return deleted;
  }

  async #count(where: string, values: (string | bigint)[]): Promise<DeletedRows> {
    const { connection, catalogue } = this.#table;
    const counted = await connection.runAndReadAll(
      `SELECT count(DISTINCT ${catalogue.sql('trace.trace_id')}), ${countItems(catalogue)} FROM spans ${where}`,
      values,
    );
    const [traces = 0, spans = 0, logs = 0] = (counted.getRows()[0] ?? []).map(Number);
    return { traces, spans, logs };
  }

  /**
   * Deletes whole traces with their log records. Log records without a trace are deleted by service and minute.
   * @param select SQL of a unit's columns @param where SQL of the units that go
   */
  async #evict(reason: 'bytes' | 'age', select: string, where: string): Promise<void> {
    const { connection, catalogue, counts } = this.#table;
    const trace = catalogue.sql('trace.trace_id');
    const unit = `CASE WHEN ${trace} IS NULL THEN hash(_dataset, _seq // ${UNTRACED_ROWS}, _received // ${MINUTE_NS}) ELSE hash(${trace}) END`;
    await connection.run(
      `CREATE OR REPLACE TEMP TABLE evicted AS SELECT unit FROM (${select}, ${unit} AS unit FROM spans GROUP BY unit) WHERE ${where}`,
    );
    const deleted = await this.#deleteRows(`${unit} IN (SELECT unit FROM evicted)`, []);
    await connection.run('DROP TABLE evicted');
    if (deleted.spans + deleted.logs === 0) return;
    counts.drop(reason, 'traces', deleted.spans);
    counts.drop(reason, 'logs', deleted.logs);
    await this.#settle(true);
  }

  /** Cleans up after a deletion. @param canSkip whether the checkpoint may come later */
  async #settle(canSkip = false): Promise<void> {
    this.#table.scopes.forget();
    await this.#table.checkpoint(canSkip);
    await this.#table.measure();
  }
}
