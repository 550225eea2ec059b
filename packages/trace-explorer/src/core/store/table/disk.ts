import { stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { assertThere } from '../journal/identity.ts';
import { FILE_NAME, usedBytes } from './database.ts';

/**
 * Bytes that stay free on the disk beside the store: enough for a checkpoint of all waiting rows. On a small disk four
 * fifths of the bytes stay free, and fewer rows may wait (see Table).
 */
const KEPT_FREE_BYTES = 384 * 1024 * 1024;
const FREE_SHARE = 0.8;
/** A small disk never lowers the cap below this size. */
const MIN_CAP_BYTES = 8 * 1024 * 1024;

/** Free bytes that a checkpoint needs for each byte of rows. 6.4 MB of large spans filled 27 MB (reason unknown). */
const WRITTEN_PER_BYTE = 5;
/** Free bytes that a checkpoint of deletions needs: 0.1 MiB was enough for 11,200 spans of 28,000. */
const DELETION_BYTES = 1024 * 1024;
/** Free bytes that a checkpoint of rows needs at least. */
const MARGIN_BYTES = 8 * 1024 * 1024;

/**
 * Used bytes and all bytes of the store's file, and free bytes of its disk.
 * @param identity of the file that DuckDB has open @throws STORE_GONE
 */
export async function lookAtDisk(connection: DuckDBConnection, directory: string, identity: string) {
  const used = await usedBytes(connection);
  const path = join(directory, FILE_NAME);
  await assertThere(path, identity);
  const onDisk = (await stat(path)).size;
  return { used, onDisk, free: await freeBytes(directory) };
}

/**
 * Bytes that a checkpoint may write.
 * @param rowBytes of rows that no checkpoint has written; 0 after deletions alone @param rowGroupBytes of the last row group
 */
export function checkpointBytes(rowBytes: number, rowGroupBytes: number): number {
  if (rowBytes === 0) return DELETION_BYTES;
  return rowBytes * WRITTEN_PER_BYTE + Math.max(MARGIN_BYTES, rowGroupBytes);
}

/** Bytes that are free on the disk of a directory. */
export async function freeBytes(directory: string): Promise<number> {
  const { bavail, bsize } = await statfs(directory);
  return bavail * bsize;
}

/**
 * Bytes that the store may take: `maxBytes`, or less on a small disk.
 * @param disk bytes of the store's files and free bytes together
 */
export function capOn(disk: number, maxBytes: number): number {
  const fitting = Math.max(disk * (1 - FREE_SHARE), disk - KEPT_FREE_BYTES, MIN_CAP_BYTES);
  return Math.min(maxBytes, fitting);
}
