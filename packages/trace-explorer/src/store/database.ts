import { chmodSync, existsSync, mkdirSync, realpathSync, statSync } from 'node:fs';
import { join, sep } from 'node:path';
import type { DuckDBAppender, DuckDBConnection } from '@duckdb/node-api';
import { DuckDBInstance } from '@duckdb/node-api';
import { INTERNAL_COLUMNS } from './chunk-filler.ts';
import { StoreOpenError } from './errors.ts';

/** Name of the store's file in its directory. */
export const FILE_NAME = 'explorer.duckdb';

/** The file's name inside DuckDB, which itself runs in memory: only ATTACH takes a row group size. */
const CATALOG = 'store';

/**
 * Rows of a row group. DuckDB frees the space of deleted rows by whole row groups, and its default of 122,880
 * rows of large spans would be more than the cap: eviction would free nothing. A power of two times 2,048.
 */
const ROW_GROUP_ROWS = 32_768;

/** DuckDB's own memory: with it the process stays below 700 MB when the store is full. */
const MEMORY_MB = 128;
/** More for each column from the two hundredth on: several blocks of every column are held while rows are written. */
const MEMORY_MB_A_COLUMN = 0.12;

/**
 * DuckDB holds at least a block for each column that is being written: 2,000 columns of its default, 256 KiB,
 * are more than the memory limit. Files and queries of 50 columns are the same with either.
 */
const BLOCK_BYTES = 32_768;

/**
 * Opens or makes the database. The directory is for the owner alone (0700): spans can hold personal data.
 * @throws StoreOpenError
 */
export async function openDatabase(
  directory: string,
  rowGroupRows = ROW_GROUP_ROWS,
): Promise<DuckDBInstance> {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  chmodSync(directory, 0o700);
  const path = realpathSync(directory) + sep + FILE_NAME;
  // DuckDB's lock is the process's: it would let the same process open the file twice and destroy it.
  if (openPaths.has(path)) throw new StoreOpenError(`${path} is already open in this process`);
  const instance = await DuckDBInstance.create(':memory:', {
    memory_limit: `${MEMORY_MB}MB`,
    threads: '2',
    temp_directory: join(directory, 'tmp'),
    // The writer checkpoints by itself, beside its commits; DuckDB's own would stop them.
    checkpoint_threshold: '1TB',
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
  });
  const connection = await instance.connect();
  try {
    // zstd and DICT_FSST need the newest format.
    await connection.run(
      `ATTACH '${path.replaceAll("'", "''")}' AS ${CATALOG} (STORAGE_VERSION 'latest', ROW_GROUP_SIZE ${rowGroupRows}, BLOCK_SIZE ${BLOCK_BYTES})`,
    );
    // From here on a statement can read nothing but this file.
    await connection.run('SET enable_external_access = false');
  } catch (error) {
    connection.closeSync();
    instance.closeSync();
    throw new StoreOpenError(explain(path, error), { cause: error });
  }
  connection.closeSync();
  openPaths.add(path);
  return instance;
}

/** Gives DuckDB the memory that a table of so many columns needs: 128 MB, and 344 MB at 2,000. */
export async function limitMemory(connection: DuckDBConnection, columns: number): Promise<void> {
  const megabytes = MEMORY_MB + Math.ceil(Math.max(0, columns - 200) * MEMORY_MB_A_COLUMN);
  await connection.run(`SET GLOBAL memory_limit = '${megabytes}MB'`);
}

/** Closes the database of a directory. */
export function closeDatabase(instance: DuckDBInstance, directory: string): void {
  instance.closeSync();
  openPaths.delete(realpathSync(directory) + sep + FILE_NAME);
}

const openPaths = new Set<string>();

/** A connection to the store's file. */
export async function connect(instance: DuckDBInstance): Promise<DuckDBConnection> {
  const connection = await instance.connect();
  await connection.run(`USE ${CATALOG}`);
  return connection;
}

/** An appender to one of the store's tables. */
export function appenderTo(connection: DuckDBConnection, table: string): Promise<DuckDBAppender> {
  return connection.createAppender(table, 'main', CATALOG);
}

/** Makes the tables of a new store; leaves those of an existing one as they are. */
export async function createTables(connection: DuckDBConnection): Promise<void> {
  await connection.run(`CREATE TABLE IF NOT EXISTS spans (${INTERNAL_COLUMNS.join(', ')})`);
  await connection.run(
    'CREATE TABLE IF NOT EXISTS fields (name VARCHAR, "column" VARCHAR, type VARCHAR, created BIGINT, last_written BIGINT)',
  );
  await connection.run(
    'CREATE TABLE IF NOT EXISTS dataset_fields (dataset VARCHAR, name VARCHAR, last_written BIGINT)',
  );
  await connection.run(
    'CREATE TABLE IF NOT EXISTS scopes (id INTEGER, resource BLOB, resource_schema_url VARCHAR, scope BLOB, scope_schema_url VARCHAR)',
  );
  await connection.run('CREATE TABLE IF NOT EXISTS counters (name VARCHAR, value BIGINT)');
}

/** Bytes of the file that are in use (freed blocks are reused), and of the write-ahead log. */
export async function usedBytes(connection: DuckDBConnection, directory: string): Promise<number> {
  const result = await connection.runAndReadAll(
    `SELECT block_size * used_blocks FROM pragma_database_size() WHERE database_name = '${CATALOG}'`,
  );
  const used = Number(result.getRows()[0]?.[0] ?? 0);
  return used + fileSize(join(directory, `${FILE_NAME}.wal`));
}

export function fileSize(path: string): number {
  return existsSync(path) ? statSync(path).size : 0;
}

function explain(path: string, error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  if (message.includes('lock on file')) {
    return `${path} is in use by another process: is a trace explorer already running? Stop it, or set another DATA_DIR`;
  }
  return `${path} cannot be opened (${message}). Move it away to start with an empty store`;
}
