import { realpathSync } from 'node:fs';
import { join, sep } from 'node:path';
import type { DuckDBAppender, DuckDBConnection } from '@duckdb/node-api';
import { DuckDBInstance } from '@duckdb/node-api';
import { withoutKeys } from '@tandem/service-kit/http';
import { sqlText } from '../../../lib/text/sql-text.ts';
import type { Options } from '../options.ts';
import { StoreInUseError, StoreOpenError, says } from '../store-error.ts';
import { OVERFLOW } from './field.ts';

/** Name of the store's file in its directory. */
export const FILE_NAME = 'explorer.duckdb';
/** The file's name inside DuckDB, which itself runs in memory: only ATTACH takes a row group size. */
const CATALOG = 'store';
/** Columns of table `spans` before the columns of fields, in their order. */
export const INTERNAL_COLUMNS = [
  '_time BIGINT',
  '_received BIGINT',
  '_seq BIGINT',
  '_dataset VARCHAR',
  // zstd: 73 bytes per span on disk, where DuckDB's own choice takes 203 (600,000 generated spans).
  '_span BLOB USING COMPRESSION zstd',
  '_scope INTEGER',
  '_bytes INTEGER',
  `${OVERFLOW} VARCHAR`,
].join(', ');
/** Version of the tables. */
const LAYOUT = 2;
const TABLES = [
  'store_layout (version INTEGER, next_seq BIGINT)',
  `spans (${INTERNAL_COLUMNS})`,
  'fields (name VARCHAR, type VARCHAR, "column" VARCHAR, created BIGINT)',
  'dataset_fields (dataset VARCHAR, name VARCHAR, types INTEGER, last_written BIGINT)',
  'scopes (id INTEGER, resource BLOB, resource_schema_url VARCHAR, scope BLOB, scope_schema_url VARCHAR)',
  'parts (id BIGINT, part INTEGER, bytes BLOB USING COMPRESSION zstd)',
];

/** Rows of a row group and of a transaction. DuckDB frees the space of deleted rows by whole row groups. */
const ROW_GROUP_ROWS = 32_768;
const MIN_ROW_GROUP_ROWS = 2_048;
/** A row group of parts of large spans (4 KiB each) is at most an eighth of the store's cap. */
const ROW_GROUP_BYTES = 8 * 4_096;
/** DuckDB holds a block for each column that is being written: blocks of its default, 256 KiB, would fill its memory. */
const BLOCK_BYTES = 32_768;

const openPaths = new Set<string>();

/** The store's file, open. */
export class Database {
  readonly #instance: DuckDBInstance;
  readonly #path: string;
  readonly #connections: DuckDBConnection[] = [];
  /** Whether a checkpoint waits for the end of statements that began before the last commit. */
  hasCheckpointWaiting = false;

  private constructor(path: string, instance: DuckDBInstance) {
    this.#path = path;
    this.#instance = instance;
  }

  /**
   * Opens or makes the database. @throws StoreOpenError
   */
  static async open(
    { directory, memoryMb }: Pick<Options, 'directory' | 'memoryMb'>,
    rowGroupRows: number,
  ): Promise<Database> {
    const path = realpathSync(directory) + sep + FILE_NAME;
    // DuckDB's lock belongs to the process: one process could open the file twice, and would destroy the file.
    if (openPaths.has(path)) throw new StoreInUseError(`${path} is already open in this process`);
    const instance = await DuckDBInstance.create(':memory:', {
      memory_limit: `${memoryMb}MB`,
      // Readers add a second thread while scans run.
      threads: '1',
      temp_directory: join(directory, 'tmp'),
      // The table makes the checkpoints, between transactions.
      checkpoint_threshold: '1TB',
      autoinstall_known_extensions: 'false',
      autoload_known_extensions: 'false',
    });
    const connection = await instance.connect();
    try {
      await connection.run('PRAGMA disable_checkpoint_on_shutdown');
      // zstd and DICT_FSST need the newest format. The journal replaces DuckDB's WAL.
      await connection.run(
        `ATTACH ${sqlText(path)} AS ${CATALOG} (STORAGE_VERSION 'latest', ROW_GROUP_SIZE ${rowGroupRows}, BLOCK_SIZE ${BLOCK_BYTES}, RECOVERY_MODE 'no_wal_writes')`,
      );
      // From here on a statement can read nothing but this file.
      await connection.run('SET enable_external_access = false');
    } catch (error) {
      connection.closeSync();
      instance.closeSync();
      throw openError(directory, error);
    }
    connection.closeSync();
    openPaths.add(path);
    return new Database(path, instance);
  }

  /** A connection to the store's file, closed with it. */
  async connect(): Promise<DuckDBConnection> {
    const connection = await this.#instance.connect();
    this.#connections.push(connection);
    await connection.run(`USE ${CATALOG}`);
    return connection;
  }

  /** Closes all connections: one that stays open would keep the file open. */
  close(): void {
    for (const connection of this.#connections.splice(0)) connection.closeSync();
    this.#instance.closeSync();
    openPaths.delete(this.#path);
  }
}

/** Why the store does not open, and what to do. */
export function openError(directory: string, error: unknown): Error {
  if (error instanceof StoreOpenError) return error;
  const path = withoutKeys(join(directory, FILE_NAME));
  const message = error instanceof Error ? withoutKeys(error.message) : String(error);
  if (says(error, 'inUse'))
    return new StoreInUseError(
      `${path} is in use by another process: is a trace explorer already running? Stop it, or set another DATA_DIR`,
    );
  const todo = says(error, 'diskFull')
    ? 'make room on its disk'
    : 'it has to be a store of this version that this user may write to; else remove the file (its spans are lost)';
  return new StoreOpenError(`${path} cannot be opened (${message}): ${todo}, or set another DATA_DIR`, {
    cause: error,
  });
}

/**
 * Makes the tables of a new store.
 * @returns the first `_seq` that the file does not have @throws Error when the file has tables of another version
 */
export async function createTables(connection: DuckDBConnection): Promise<number> {
  const read = async (sql: string) => (await connection.runAndReadAll(sql)).getRows();
  const found = await read(`SELECT table_name FROM duckdb_tables() WHERE database_name = '${CATALOG}'`);
  if (found.length === 0) {
    for (const table of TABLES) await connection.run(`CREATE TABLE ${table}`);
    await connection.run(`INSERT INTO store_layout VALUES (${LAYOUT}, 1)`);
    return 1;
  }
  const hasLayout = found.some(([name]) => name === 'store_layout');
  const [layout = []] = hasLayout ? await read('SELECT * FROM store_layout') : [];
  const [version, nextSeq] = layout;
  if (version !== LAYOUT)
    throw new Error(
      'another version of the explorer wrote it; started once more, that version can export its traces',
    );
  return Number(nextSeq);
}

/** An appender to one of the store's tables. */
export function appenderTo(connection: DuckDBConnection, table: string): Promise<DuckDBAppender> {
  return connection.createAppender(table, 'main', CATALOG);
}

/** Appends rows, each with a value for every column in order, to one of the store's tables. @throws DuckDB's error */
export async function appendRows(
  connection: DuckDBConnection,
  table: string,
  rows: readonly (readonly (string | number | bigint | Uint8Array)[])[],
): Promise<void> {
  const appender = await appenderTo(connection, table);
  try {
    for (const row of rows) {
      for (const value of row) {
        if (typeof value === 'string') appender.appendVarchar(value);
        else if (typeof value === 'object') appender.appendBlob(value);
        else appender.appendBigInt(BigInt(value));
      }
      appender.endRow();
    }
    appender.closeSync();
  } catch (error) {
    clearAppender(appender);
    throw error;
  }
}

/** Empties an appender: the garbage collector would write its rows. */
export function clearAppender(appender: DuckDBAppender | undefined): void {
  try {
    appender?.clear();
  } catch {
    // DuckDB has given up, and the rows are gone.
  }
}

/** Runs a task in a transaction of the connection. The transaction is rolled back when the task throws. */
export async function inTransaction(connection: DuckDBConnection, task: () => Promise<void>): Promise<void> {
  await connection.run('BEGIN');
  try {
    await task();
    await connection.run('COMMIT');
  } catch (error) {
    // Fails where DuckDB ended the transaction itself. The first error says why.
    await connection.run('ROLLBACK').catch(() => {});
    throw error;
  }
}

/** Rows of a row group in a store of at most `maxBytes` bytes. */
export function rowGroupRowsOf(maxBytes: number): number {
  let rows = ROW_GROUP_ROWS;
  while (rows > MIN_ROW_GROUP_ROWS && rows * ROW_GROUP_BYTES > maxBytes) rows /= 2;
  return rows;
}

/** Bytes of the file that are in use: freed blocks are reused. */
export async function usedBytes(connection: DuckDBConnection): Promise<number> {
  const result = await connection.runAndReadAll(
    `SELECT block_size * used_blocks FROM pragma_database_size() WHERE database_name = '${CATALOG}'`,
  );
  return Number(result.getRows()[0]?.[0] ?? 0);
}
