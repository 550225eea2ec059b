import { statfs } from 'node:fs/promises';
import { DiskFullError } from './errors.ts';

/** What a checkpoint may write for each byte of the journal, unpacked: a text that cannot be compressed is in its span and in a column. */
const BYTES_PER_JOURNAL_BYTE = 1.5;
/** And in any case, where there is something in the journal. */
const MARGIN_BYTES = 8 * 1024 * 1024;
/** What a checkpoint writes that has only deletions to write: 0.1 MiB was enough for 11,200 spans of 28,000. */
const DELETION_BYTES = 1024 * 1024;

/**
 * Looks whether a checkpoint has room, before it begins: after one that has not, DuckDB answers no statement any more until
 * the file is opened anew.
 * @param directory where the store is
 * @param journalBytes what is in the journal, unpacked, and not yet in the file
 * @param reusable bytes of the file that are free
 * @throws DiskFullError
 */
export async function requireRoom(directory: string, journalBytes: number, reusable: number): Promise<void> {
  if ((await missingRoom(directory, journalBytes, reusable)) > 0) throw new DiskFullError();
}

/** Bytes that the disk, or the file, would have to have free besides; see requireRoom. */
export async function missingRoom(
  directory: string,
  journalBytes: number,
  reusable: number,
): Promise<number> {
  const needed = journalBytes === 0 ? DELETION_BYTES : journalBytes * BYTES_PER_JOURNAL_BYTE + MARGIN_BYTES;
  return needed - reusable - (await freeBytes(directory));
}

/** Whether the disk of a directory is full, or nearly so. */
export async function hasNoRoom(directory: string): Promise<boolean> {
  return (await freeBytes(directory)) < MARGIN_BYTES;
}

/** As far as this process may use them. */
async function freeBytes(directory: string): Promise<number> {
  const { bavail, bsize } = await statfs(directory);
  return bavail * bsize;
}
