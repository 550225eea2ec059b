import { statfs } from 'node:fs/promises';

/** What a checkpoint may write for each byte of the journal, unpacked: a text that cannot be compressed is in its span and in a column. */
const BYTES_PER_JOURNAL_BYTE = 1.5;
/** And in any case, where there is something in the journal. */
const MARGIN_BYTES = 8 * 1024 * 1024;
/** What a checkpoint writes that has only deletions to write: 0.1 MiB was enough for 11,200 spans of 28,000. */
const DELETION_BYTES = 1024 * 1024;

/**
 * Bytes that a checkpoint may write. To be compared with what is free before it begins: after one that has no room DuckDB
 * answers no statement any more until the file is opened anew.
 * @param journalBytes what is in the journal, unpacked, and not yet in the file
 * @param rowGroupBytes of the row group that rows are added to: DuckDB writes the row group anew
 */
export function neededBytes(journalBytes: number, rowGroupBytes: number): number {
  if (journalBytes === 0) return DELETION_BYTES;
  return journalBytes * BYTES_PER_JOURNAL_BYTE + Math.max(MARGIN_BYTES, rowGroupBytes + DELETION_BYTES);
}

/** Whether the disk of a directory is full, or nearly so. */
export async function hasNoRoom(directory: string): Promise<boolean> {
  return (await freeBytes(directory)) < MARGIN_BYTES;
}

/** As far as this process may use them. */
export async function freeBytes(directory: string): Promise<number> {
  const { bavail, bsize } = await statfs(directory);
  return bavail * bsize;
}
