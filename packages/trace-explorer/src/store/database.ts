import { existsSync, realpathSync, renameSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { join, sep } from 'node:path';
import type { DuckDBAppender, DuckDBConnection } from '@duckdb/node-api';
import { DuckDBInstance } from '@duckdb/node-api';
import { withoutKeys } from '@tandem/service-kit/http';
import { makePrivateDataFolder } from '../http/data-folder.ts';
import { StoreClosedError, StoreOpenError, says } from './errors.ts';

/** Name of the store's file in its directory. */
export const FILE_NAME = 'explorer.duckdb';
/** The file's name inside DuckDB, which itself runs in memory: only ATTACH takes a row group size. */
const CATALOG = 'store';
/** One JSON object of the row's fields that have no column of their own. */
export const OVERFLOW = '_overflow';
/** Columns of table `spans` before the fields', in their order. */
export const INTERNAL_COLUMNS = [
  '_time BIGINT',
  '_received BIGINT',
  '_seq BIGINT',
  '_dataset VARCHAR',
  // Compressed, spans take 73 bytes of disk where DuckDB's own choice takes 203 (600,000 generated spans).
  '_span BLOB USING COMPRESSION zstd',
  '_scope INTEGER',
  '_bytes INTEGER',
  `${OVERFLOW} VARCHAR`,
].join(', ');
/** Of the tables below. A file of another layout is moved aside. */
const LAYOUT = 2;

/**
 * Rows of a row group. DuckDB frees the space of deleted rows by whole row groups, and its default of 122,880
 * rows of large spans would be more than the cap: eviction would free nothing. A power of two times 2,048.
 */
const ROW_GROUP_ROWS = 32_768;
const MIN_ROW_GROUP_ROWS = 2_048;
/** A row group of parts of large spans (4 KiB each) is at most an eighth of the store's cap: eviction frees no less. */
const ROW_GROUP_BYTES = 8 * 4_096;
/**
 * DuckDB holds at least a block for each column that is being written: many columns of its default, 256 KiB, are more than
 * the memory limit. Files and queries of 50 columns are the same with either.
 */
const BLOCK_BYTES = 32_768;
/** Megabytes for each column beyond the first 200. */
const MEMORY_MB_PER_COLUMN = 0.12;

/** A disk with less room is full, or nearly so. */
export const MARGIN_BYTES = 8 * 1024 * 1024;

const openPaths = new Set<string>();

export interface DatabaseOptions {
  readonly directory: string;
  readonly memoryMb: number;
  readonly rowGroupRows: number;
}

/** The store's file, open. */
export class Database {
  readonly #instance: DuckDBInstance;
  readonly #path: string;
  readonly #connections: DuckDBConnection[] = [];
  #isClosed = false;

  private constructor(path: string, instance: DuckDBInstance) {
    this.#path = path;
    this.#instance = instance;
  }

  /**
   * Opens or makes the database. The directory is for the owner alone (0700): spans can hold personal data.
   * @throws ConfigError for a directory that cannot be used, StoreOpenError
   */
  static async open({ directory, memoryMb, rowGroupRows }: DatabaseOptions): Promise<Database> {
    makePrivateDataFolder(directory);
    const path = realpathSync(directory) + sep + FILE_NAME;
    // DuckDB's lock belongs to the process: the same process could open the file twice, and would destroy it.
    if (openPaths.has(path)) throw new StoreOpenError(`${path} is already open in this process`);
    const instance = await DuckDBInstance.create(':memory:', {
      memory_limit: `${memoryMb}MB`,
      // A second one comes while scans run: see Readers.
      threads: '1',
      temp_directory: join(directory, 'tmp'),
      // Retention checkpoints, between transactions; DuckDB's own checkpoints would stop them.
      checkpoint_threshold: '1TB',
      autoinstall_known_extensions: 'false',
      autoload_known_extensions: 'false',
    });
    const connection = await instance.connect();
    try {
      await connection.run('PRAGMA disable_checkpoint_on_shutdown');
      // zstd and DICT_FSST need the newest format. What is committed and in no checkpoint is in the journal: see Writer.
      await connection.run(
        `ATTACH '${path.replaceAll("'", "''")}' AS ${CATALOG} (STORAGE_VERSION 'latest', ROW_GROUP_SIZE ${rowGroupRows}, BLOCK_SIZE ${BLOCK_BYTES}, RECOVERY_MODE 'no_wal_writes')`,
      );
      // From here on a statement can read nothing but this file.
      await connection.run('SET enable_external_access = false');
    } catch (error) {
      connection.closeSync();
      instance.closeSync();
      throw new StoreOpenError(explainOpening(directory, error), { cause: error });
    }
    connection.closeSync();
    openPaths.add(path);
    return new Database(path, instance);
  }

  /** A connection to the store's file, closed with it. */
  async connect(): Promise<DuckDBConnection> {
    const connection = await this.#instance.connect();
    if (this.#isClosed) {
      connection.closeSync();
      throw new StoreClosedError();
    }
    this.#connections.push(connection);
    await connection.run(`USE ${CATALOG}`);
    return connection;
  }

  /** Closes it, also where its folder is gone. A connection that is left would keep the file open beside who opens it next. */
  close(): void {
    this.#isClosed = true;
    for (const connection of this.#connections.splice(0)) connection.closeSync();
    this.#instance.closeSync();
    openPaths.delete(this.#path);
  }
}

/**
 * Makes the tables of a new store; leaves those of an existing one as they are.
 * @throws StoreOpenError when they are of another version
 */
export async function createTables(connection: DuckDBConnection): Promise<void> {
  const tables = await connection.runAndReadAll(
    "SELECT count(*) FILTER (table_name = 'spans'), count(*) FILTER (table_name = 'store_layout') FROM duckdb_tables()",
  );
  const [spans, layout] = (tables.getRows()[0] ?? []).map(Number);
  const found =
    layout === 0
      ? undefined
      : (await connection.runAndReadAll('SELECT version FROM store_layout')).getRows()[0]?.[0];
  if (spans !== 0 && found !== LAYOUT)
    throw new StoreOpenError('the file was written by another version of the explorer', {
      cause: new Error('Layout Error: the tables are those of another version'),
    });
  for (const table of [
    'store_layout (version INTEGER, next_seq BIGINT)',
    `spans (${INTERNAL_COLUMNS})`,
    'fields (name VARCHAR, type VARCHAR, "column" VARCHAR, created BIGINT)',
    'dataset_fields (dataset VARCHAR, name VARCHAR, types INTEGER, last_written BIGINT)',
    'scopes (id INTEGER, resource BLOB, resource_schema_url VARCHAR, scope BLOB, scope_schema_url VARCHAR)',
    'parts (id BIGINT, part INTEGER, bytes BLOB USING COMPRESSION zstd)',
    'counters (name VARCHAR, value BIGINT)',
  ])
    await connection.run(`CREATE TABLE IF NOT EXISTS ${table}`);
  if (found === undefined) await connection.run(`INSERT INTO store_layout VALUES (${LAYOUT}, 1)`);
}

/** Gives DuckDB the memory that so many columns need: `memoryMb`, and 40 MB more at 520. */
export async function limitMemory(
  connection: DuckDBConnection,
  memoryMb: number,
  columns: number,
): Promise<void> {
  const megabytes = memoryMb + Math.ceil(Math.max(0, columns - 200) * MEMORY_MB_PER_COLUMN);
  await connection.run(`SET GLOBAL memory_limit = '${megabytes}MB'`);
}

/** An appender to one of the store's tables. */
export function appenderTo(connection: DuckDBConnection, table: string): Promise<DuckDBAppender> {
  return connection.createAppender(table, 'main', CATALOG);
}

/**
 * Appends rows to one of the store's tables. What an appender has left after a failure would be written by the garbage
 * collector, whenever that frees it.
 */
export async function appendRows(
  connection: DuckDBConnection,
  table: string,
  write: (appender: DuckDBAppender) => void,
): Promise<void> {
  const appender = await appenderTo(connection, table);
  try {
    write(appender);
    appender.closeSync();
  } catch (error) {
    clearAppender(appender);
    throw error;
  }
}

/** Empties an appender, also one whose database answers nothing more. */
export function clearAppender(appender: DuckDBAppender | undefined): void {
  try {
    appender?.clear();
  } catch {
    // It has nothing then.
  }
}

/** Runs a task in a transaction of the connection; undone when the task throws. */
export async function inTransaction<T>(connection: DuckDBConnection, task: () => Promise<T>): Promise<T> {
  await connection.run('BEGIN');
  try {
    const done = await task();
    await connection.run('COMMIT');
    return done;
  } catch (error) {
    // Fails where DuckDB ended the transaction itself; the first error is the one that says why.
    await connection.run('ROLLBACK').catch(() => {});
    throw error;
  }
}

/** Rows of a row group in a store that may take so many bytes. */
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

/** Bytes that are free on the disk of a directory. */
export async function freeBytes(directory: string): Promise<number> {
  const { bavail, bsize } = await statfs(directory);
  return bavail * bsize;
}

/** Why the store of a directory cannot be opened, and what to do where a person can do something. */
export function explainOpening(directory: string, error: unknown): string {
  const path = withoutKeys(join(directory, FILE_NAME));
  const message = error instanceof Error ? withoutKeys(error.message) : String(error);
  if (says(error, 'inUse'))
    return `${path} is in use by another process: is a trace explorer already running? Stop it, or set another DATA_DIR`;
  const todo = says(error, 'diskFull')
    ? 'make room on its disk'
    : 'it has to be a file that this user may write to';
  return `${path} cannot be opened (${message}): ${todo}, or set another DATA_DIR`;
}

/**
 * Moves the file of a store that cannot be read to a name with the time, which no other has, so that a new one can begin.
 * @returns a sentence for people @throws Error of the file system
 */
export function moveAside(directory: string, now: Date, why: unknown): string {
  const time = now.toISOString().slice(0, 19).replaceAll(':', '-');
  let path = join(directory, `explorer-${time}Z.duckdb`);
  for (let count = 2; existsSync(path); count++) path = join(directory, `explorer-${time}Z-${count}.duckdb`);
  const file = join(directory, FILE_NAME);
  if (existsSync(file)) renameSync(file, path);
  const reason = why instanceof Error ? withoutKeys(why.message) : String(why);
  return `The store cannot be read (${reason}). It was moved to ${path}, and a new one was begun. DuckDB’s command line reads it, without the explorer’s limit on memory: duckdb '${path}'. Delete it when you do not need it.`;
}
