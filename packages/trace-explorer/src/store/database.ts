import { existsSync, realpathSync, statSync } from 'node:fs';
import { join, sep } from 'node:path';
import type { DuckDBAppender, DuckDBConnection } from '@duckdb/node-api';
import { DuckDBInstance } from '@duckdb/node-api';
import { withoutKeys } from '@tandem/service-kit/http';
import { makePrivateDataFolder } from '../http/data-folder.ts';
import { INTERNAL_COLUMNS } from './chunk-filler.ts';
import { isDiskFull, StoreOpenError } from './errors.ts';
import { createPositionTable } from './journal-position.ts';
import { createPartsTables, PART_BYTES } from './parts-schema.ts';

/** Name of the store's file in its directory. */
export const FILE_NAME = 'explorer.duckdb';

/** The file's name inside DuckDB, which itself runs in memory: only ATTACH takes a row group size. */
const CATALOG = 'store';

/**
 * Rows of a row group. DuckDB frees the space of deleted rows by whole row groups, and its default of 122,880
 * rows of large spans would be more than the cap: eviction would free nothing. A power of two times 2,048.
 */
const ROW_GROUP_ROWS = 32_768;
const MIN_ROW_GROUP_ROWS = 2_048;
/** A row group of parts of large spans is at most this share of the store's cap: eviction frees no less. */
const ROW_GROUP_SHARE = 1 / 8;

/** DuckDB's memory for a file whose log or rows have large spans in them, as stores were written before there were parts. */
export const LARGE_ROWS_MEMORY_MB = 2_048;
/**
 * Memory for each field beyond the first 200: of every column several blocks are held while rows are written, and BubbleUp
 * reads many fields of one column together.
 */
const MEMORY_MB_PER_FIELD = 0.12;

/**
 * DuckDB holds at least a block for each column that is being written: 2,000 columns of its default, 256 KiB,
 * are more than the memory limit. Files and queries of 50 columns are the same with either.
 */
const BLOCK_BYTES = 32_768;

export interface DatabaseOptions {
  readonly memoryMb: number;
  readonly maxBytes: number;
  readonly rowGroupRows?: number;
}

/**
 * Opens or makes the database. The directory is for the owner alone (0700): spans can hold personal data.
 * @throws ConfigError for a directory that cannot be used, StoreOpenError
 */
export async function openDatabase(
  directory: string,
  { memoryMb, maxBytes, rowGroupRows = rowGroupRowsOf(maxBytes) }: DatabaseOptions,
): Promise<DuckDBInstance> {
  makePrivateDataFolder(directory);
  const path = realpathSync(directory) + sep + FILE_NAME;
  // DuckDB's lock belongs to the process: the same process could open the file twice, and would destroy it.
  if (openPaths.has(path)) throw new StoreOpenError(`${path} is already open in this process`);
  const instance = await DuckDBInstance.create(':memory:', {
    memory_limit: `${memoryMb}MB`,
    // A second one comes while scans run: see ScanThreads.
    threads: '1',
    temp_directory: join(directory, 'tmp'),
    // The writer checkpoints by itself, beside its commits; DuckDB's own would stop them.
    checkpoint_threshold: '1TB',
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
  });
  const connection = await instance.connect();
  // zstd and DICT_FSST need the newest format.
  const attach = `ATTACH '${path.replaceAll("'", "''")}' AS ${CATALOG}`;
  const options = `STORAGE_VERSION 'latest', ROW_GROUP_SIZE ${rowGroupRows}, BLOCK_SIZE ${BLOCK_BYTES}`;
  try {
    // Whoever closes it has run one that looked for room before, or knows that it cannot be trusted with the file any more.
    await connection.run('PRAGMA disable_checkpoint_on_shutdown');
    if (existsSync(`${path}.wal`)) {
      // Of a version that had no journal of its own.
      await connection.run(`${attach} (${options})`);
      await connection.run(`CHECKPOINT ${CATALOG}`);
      await connection.run(`DETACH ${CATALOG}`);
    }
    // What is committed and in no checkpoint is in the journal: see Writer.
    await connection.run(`${attach} (${options}, RECOVERY_MODE 'no_wal_writes')`);
    // From here on a statement can read nothing but this file.
    await connection.run('SET enable_external_access = false');
  } catch (error) {
    connection.closeSync();
    instance.closeSync();
    throw new StoreOpenError(explainOpening(directory, error), { cause: error });
  }
  connection.closeSync();
  openPaths.add(path);
  pathOf.set(instance, path);
  return instance;
}

/** Gives DuckDB the memory that so many fields in columns need: `memoryMb`, and 216 MB more at 2,000. */
export async function limitMemory(
  connection: DuckDBConnection,
  memoryMb: number,
  fields: number,
): Promise<void> {
  const megabytes = memoryMb + Math.ceil(Math.max(0, fields - 200) * MEMORY_MB_PER_FIELD);
  await connection.run(`SET GLOBAL memory_limit = '${megabytes}MB'`);
}

/** Which file the database of a directory is, to see whether it is still there under its name. */
export function databaseFile(directory: string): { readonly ino: bigint; readonly dev: bigint } | undefined {
  return statSync(join(directory, FILE_NAME), { bigint: true, throwIfNoEntry: false });
}

/** Closes a database, also one whose folder is gone. */
export function closeDatabase(instance: DuckDBInstance): void {
  instance.closeSync();
  openPaths.delete(pathOf.get(instance) ?? '');
}

const openPaths = new Set<string>();
/** As they were when they were opened: a folder may be gone since. */
const pathOf = new WeakMap<DuckDBInstance, string>();

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
  await createPartsTables(connection);
  await createPositionTable(connection);
  await connection.run('CREATE TABLE IF NOT EXISTS counters (name VARCHAR, value BIGINT)');
}

/** Bytes of the file that are in use: freed blocks are reused. */
export async function usedBytes(connection: DuckDBConnection): Promise<number> {
  const result = await connection.runAndReadAll(
    `SELECT block_size * used_blocks FROM pragma_database_size() WHERE database_name = '${CATALOG}'`,
  );
  return Number(result.getRows()[0]?.[0] ?? 0);
}

/** Bytes of the file on disk, in use or not: those that a failed checkpoint left at its end are in no list of DuckDB's. */
export function bytesOnDisk(directory: string): number {
  return statSync(join(directory, FILE_NAME), { throwIfNoEntry: false })?.size ?? 0;
}

/** Rows of a row group in a store that may take so many bytes. */
export function rowGroupRowsOf(maxBytes: number): number {
  let rows = ROW_GROUP_ROWS;
  while (rows > MIN_ROW_GROUP_ROWS && rows * PART_BYTES > maxBytes * ROW_GROUP_SHARE) rows /= 2;
  return rows;
}

/** Why the store of a directory cannot be opened, and what to do where a person can do something. */
export function explainOpening(directory: string, error: unknown): string {
  const path = withoutKeys(join(directory, FILE_NAME));
  const message = error instanceof Error ? withoutKeys(error.message) : String(error);
  if (message.includes('lock on file')) {
    return `${path} is in use by another process: is a trace explorer already running? Stop it, or set another DATA_DIR`;
  }
  const todo = isDiskFull(error)
    ? 'make room on its disk'
    : 'it has to be a file that this user may write to';
  return `${path} cannot be opened (${message}): ${todo}, or set another DATA_DIR`;
}
