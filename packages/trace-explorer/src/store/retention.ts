import type { DuckDBConnection } from '@duckdb/node-api';
import { countItems } from './contents.ts';
import { INTERNAL_COLUMNS, inTransaction, limitMemory } from './database.ts';
import { deleteOrphans } from './scopes.ts';
import type { Files } from './store-file.ts';
import type { TableWriter } from './table-writer.ts';
import type { Deleted, Deletion } from './types.ts';

/** Eviction goes down to this share of the cap, so that it is rarely needed. */
const EVICTION_TARGET = 0.85;
/**
 * Bytes as received that eviction leaves in any case, as a share of the cap. Spans that cannot be compressed
 * take twice their bytes on disk (span and fields), all others less: this much always fits. Space is freed by row groups, and
 * what was deleted but not freed yet must not make the next eviction delete as much again.
 */
const MINIMUM_KEPT = 0.35;
/** What a row weighs: its span as received, and what its fields take beside it. */
const WEIGHT = '(_bytes + 200)';
/** Rows without a trace that are kept or dropped together. */
const BLOCK_ROWS = 1_024;
const MINUTE_NS = 60_000_000_000;

/** What is kept and for how long. Everything here runs on the writer's connection, between two of its transactions. */
export class Retention {
  readonly #files: Files;
  readonly #table: TableWriter;

  constructor(files: Files, table: TableWriter) {
    this.#files = files;
    this.#table = table;
  }

  /**
   * Saves what is kept in memory, drops what is too old or too much.
   * @param maxBytes the cap, or less, where there has to be room
   * @throws DuckDB's error, DiskFullError
   */
  async run(connection: DuckDBConnection, maxBytes = this.#files.options.maxBytes): Promise<void> {
    const { contents, options, journal } = this.#files;
    await this.save(connection);
    await this.#evictOlderThan(connection, BigInt(Date.now() - options.maxAgeMs) * 1_000_000n);
    await contents.measureBytes(connection);
    if (contents.fileBytes + journal.bytes <= maxBytes) return;
    // The journal holds several times the bytes that its rows take in the file.
    await this.#table.checkpoint();
    await contents.measureBytes(connection);
    if (contents.fileBytes <= maxBytes) return;
    const share = 1 - (EVICTION_TARGET * Math.max(0, maxBytes)) / contents.fileBytes;
    await this.#evictShare(connection, share);
  }

  /** Saves the counts, and when each field was last written. */
  async save(connection: DuckDBConnection): Promise<void> {
    await this.#files.fields.save(connection);
    await this.#files.contents.save(connection);
  }

  /**
   * Deletes what a person asked for, in one transaction: a process that is killed has deleted all of it or nothing. The
   * space is given back by a checkpoint.
   * @throws DuckDB's error; nothing is deleted then
   */
  async delete(connection: DuckDBConnection, which: Deletion): Promise<Deleted> {
    // What is in memory goes to the file first. Where it has no room there, nothing is deleted: a restart would bring it back.
    if (!('all' in which)) await this.#table.checkpoint();
    const deleted = await ('all' in which
      ? this.#deleteAll(connection)
      : this.#deleteTraces(connection, which));
    await this.#settle(connection);
    await this.save(connection);
    return deleted;
  }

  async #deleteTraces(
    connection: DuckDBConnection,
    which: Exclude<Deletion, { all: true }>,
  ): Promise<Deleted> {
    const trace = this.#files.fields.sql('trace.trace_id');
    const [where, value] =
      'traceId' in which
        ? [`${trace} = $1`, which.traceId]
        : [
            `(${trace} IN (SELECT ${trace} FROM spans GROUP BY 1 HAVING max(_time) < $1) OR (${trace} IS NULL AND _time < $1))`,
            which.before,
          ];
    const deleted = await this.#count(connection, `WHERE ${where}`, [value]);
    if (deleted.traces === 0 && deleted.logs === 0) return deleted;
    await inTransaction(connection, async () => {
      await connection.run(`DELETE FROM spans WHERE ${where}`, [value]);
      await deleteOrphans(connection);
    });
    return deleted;
  }

  /** Makes the table anew: columns of fields that no span has any more cost memory with every commit. */
  async #deleteAll(connection: DuckDBConnection): Promise<Deleted> {
    const { fields, options } = this.#files;
    const deleted = await this.#count(connection, '', []);
    await inTransaction(connection, async () => {
      await connection.run(`CREATE OR REPLACE TABLE spans (${INTERNAL_COLUMNS})`);
      for (const table of ['fields', 'dataset_fields', 'scopes', 'parts'])
        await connection.run(`DELETE FROM ${table}`);
    });
    this.#table.forgetTable();
    await fields.load(connection);
    await limitMemory(connection, options.memoryMb, fields.columns.length);
    return deleted;
  }

  async #count(connection: DuckDBConnection, where: string, values: (string | bigint)[]): Promise<Deleted> {
    const { fields } = this.#files;
    const counted = await connection.runAndReadAll(
      `SELECT count(DISTINCT ${fields.sql('trace.trace_id')}), ${countItems(fields)} FROM spans ${where}`,
      values,
    );
    const [traces = 0, spans = 0, logs = 0] = (counted.getRows()[0] ?? []).map(Number);
    return { traces, spans, logs };
  }

  /** Deletes traces, and log records without one, whose last row came before `before` (nanoseconds since the epoch). */
  async #evictOlderThan(connection: DuckDBConnection, before: bigint): Promise<void> {
    const old = await connection.runAndReadAll('SELECT 1 FROM spans WHERE _received < $1 LIMIT 1', [before]);
    if (old.currentRowCount === 0) return;
    await connection.run(
      `CREATE OR REPLACE TEMP TABLE evicted AS SELECT ${this.#unit} AS trace FROM spans GROUP BY 1 HAVING max(_received) < ${before}`,
    );
    await this.#deleteEvicted(connection, 'evicted_age');
  }

  /**
   * Deletes whole traces until `share` (0 to 1) of the stored bytes is gone. Each trace is charged to the
   * service that has stored least of those it passes through, and the services that use most lose their oldest
   * traces first, down to a common level: a noisy service loses its own traces before any other service loses one.
   */
  async #evictShare(connection: DuckDBConnection, share: number): Promise<void> {
    await connection.run(`
      CREATE OR REPLACE TEMP TABLE traces AS
      WITH usage AS (SELECT _dataset, sum(${WEIGHT}) AS used FROM spans GROUP BY 1)
      SELECT ${this.#unit} AS trace, arg_min(_dataset, used) AS owner, sum(${WEIGHT}) AS weight, max(_seq) AS last
      FROM spans JOIN usage USING (_dataset) GROUP BY 1`);
    const owners = await connection.runAndReadAll('SELECT sum(weight)::DOUBLE FROM traces GROUP BY owner');
    const weights = owners.getRows().map(([weight]) => Number(weight));
    const level = commonLevel(weights, share, this.#files.options.maxBytes * MINIMUM_KEPT);
    await connection.run(`
      CREATE OR REPLACE TEMP TABLE evicted AS
      SELECT trace FROM (SELECT trace, sum(weight) OVER (PARTITION BY owner ORDER BY last DESC) AS kept FROM traces)
      WHERE kept > ${level}`);
    await connection.run('DROP TABLE traces');
    await this.#deleteEvicted(connection, 'evicted_bytes');
  }

  /**
   * What is kept or dropped as a whole, as a number: a trace with its log records; of log records without a trace, those of
   * a service that came one after the other.
   */
  get #unit(): string {
    const trace = this.#files.fields.sql('trace.trace_id');
    return `CASE WHEN ${trace} IS NULL THEN hash(_dataset, _seq // ${BLOCK_ROWS}, _received // ${MINUTE_NS}) ELSE hash(${trace}) END`;
  }

  async #deleteEvicted(connection: DuckDBConnection, reason: 'evicted_age' | 'evicted_bytes'): Promise<void> {
    const { fields, contents } = this.#files;
    const where = `${this.#unit} IN (SELECT trace FROM evicted)`;
    const counted = await connection.runAndReadAll(
      `SELECT count(*), ${countItems(fields)} FROM spans WHERE ${where}`,
    );
    const [rows = 0, spans = 0, logs = 0] = (counted.getRows()[0] ?? []).map(Number);
    if (rows > 0) {
      await inTransaction(connection, async () => {
        await connection.run(`DELETE FROM spans WHERE ${where}`);
        await deleteOrphans(connection);
      });
      contents.drop(reason, 'traces', spans);
      contents.drop(reason, 'logs', logs);
      await this.#settle(connection);
    }
    await connection.run('DROP TABLE evicted');
  }

  /** After rows were deleted. */
  async #settle(connection: DuckDBConnection): Promise<void> {
    const { fields, scopes, contents } = this.#files;
    scopes.forget();
    await this.#table.checkpoint();
    await contents.measure(connection, fields);
  }
}

/** The level to which every owner is cut so that `share` of the whole goes, largest owners first. */
export function commonLevel(weights: readonly number[], share: number, minimumKept = 0): number {
  const ascending = [...weights].sort((a, b) => a - b);
  const total = ascending.reduce((sum, weight) => sum + weight, 0);
  let keep = Math.max(total * (1 - share), minimumKept);
  for (const [index, weight] of ascending.entries()) {
    const level = keep / (ascending.length - index);
    if (weight >= level) return level;
    keep -= weight;
  }
  return Number.MAX_SAFE_INTEGER;
}
