import { chmodSync, existsSync, mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { DuckDBInstance } from '@duckdb/node-api';
import { INTERNAL_COLUMNS } from './chunk-filler.ts';
import { StoreOpenError } from './errors.ts';

/** Name of the store's file in its directory. */
export const FILE_NAME = 'explorer.duckdb';

/**
 * Opens or makes the database. The directory is for the owner alone (0700): spans can hold personal data.
 * @throws StoreOpenError
 */
export async function openDatabase(directory: string, memoryLimit: string): Promise<DuckDBInstance> {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  chmodSync(directory, 0o700);
  const path = join(directory, FILE_NAME);
  let instance: DuckDBInstance;
  try {
    instance = await DuckDBInstance.create(path, {
      memory_limit: memoryLimit,
      threads: '2',
      temp_directory: join(directory, 'tmp'),
      // The writer checkpoints by itself, beside its commits; DuckDB's own would stop them.
      checkpoint_threshold: '1TB',
      // zstd and DICT_FSST need the newest format.
      storage_compatibility_version: 'latest',
      // A statement can read nothing but this file, and cannot load or change anything.
      enable_external_access: 'false',
      autoinstall_known_extensions: 'false',
      autoload_known_extensions: 'false',
    });
  } catch (error) {
    throw new StoreOpenError(explain(path, error), { cause: error });
  }
  return instance;
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
    'SELECT block_size * used_blocks FROM pragma_database_size()',
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
