import type { Dirent } from 'node:fs';
import { systemNow } from '../../common/primordials.ts';

/** A file takes at least a block of the disk. */
export const MIN_FILE_BYTES = 4096;

/**
 * The name of a file: time of creation, number of items, and bytes. The number of bytes shows a file that a killed process
 * left incomplete. A claimed file has the time of the claim behind its name. The writer of a file claims the file.
 */
const FILE_NAME = /^(\d{15}-.+_(\d+)_(\d+)\.spans)(?:\.(\d+))?$/;

/** A file of the spool: one export request. */
export interface SpoolFile {
  /** Files sort by name from the oldest to the newest. */
  name: string;
  /** Time of this process's claim; undefined for a file that any process may claim. */
  claimedAt?: number | undefined;
  readonly bytes: number;
  readonly items: number;
  /** Another process wrote the file, which this process has not taken. */
  isForeign: boolean;
}

/** The name of a new file: the `number`-th of a process. */
export function nameOf(file: {
  readonly number: number;
  readonly process: string;
  readonly items: number;
  readonly bytes: number;
}): string {
  const [time, number] = [String(systemNow()).padStart(15, '0'), String(file.number).padStart(8, '0')];
  return `${time}-${number}-${file.process}_${file.items}_${file.bytes}.spans`;
}

/** The files that any process may claim, among the entries of the spool's folder. A claim ends after `claimMs`. */
export function filesAmong(
  entries: readonly Dirent[],
  claimMs: number,
): { readonly entry: string; readonly file: SpoolFile }[] {
  return entries.flatMap((entry) => {
    const [, name, items, bytes, claimedAt] = FILE_NAME.exec(entry.name) ?? [];
    if (name === undefined || !entry.isFile()) return [];
    // A claim of a time that has not come is of a clock that was set back since.
    if (claimedAt !== undefined && Math.abs(systemNow() - Number(claimedAt)) < claimMs) return [];
    return [
      { entry: entry.name, file: { name, items: Number(items), bytes: Number(bytes), isForeign: true } },
    ];
  });
}

/** The room that files take on disk. */
export function bytesOf(files: readonly SpoolFile[]): number {
  return files.reduce((sum, { bytes }) => sum + Math.max(bytes, MIN_FILE_BYTES), 0);
}

/** The result of the work; undefined when a file or folder is missing. */
export async function unlessMissing<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (Object(error).code === 'ENOENT') return undefined;
    throw error;
  }
}
