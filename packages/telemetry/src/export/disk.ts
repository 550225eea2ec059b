import { mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isError } from '../is-error.ts';

/** How the spool writes files. */
export interface SpoolFiles {
  /** Writes bytes at a place; at 0 the file is made, for this user only. A failure may leave a part behind the place. */
  write(path: string, bytes: Uint8Array, offset: number): Promise<void>;
}

/** The file system. */
export const DISK_FILES: SpoolFiles = {
  async write(path, bytes, offset) {
    const file = await open(path, offset === 0 ? 'w' : 'r+', 0o600);
    try {
      const { bytesWritten } = await file.write(bytes, 0, bytes.length, offset);
      if (bytesWritten < bytes.length)
        throw new Error(`only ${bytesWritten} of ${bytes.length} bytes could be written`);
    } finally {
      await file.close();
    }
  },
};

/**
 * Makes a folder and those above it, for this user only. Not by mkdir's `recursive`: below a folder that takes none, as
 * /proc, Node tries again without end.
 *
 * @returns whether it was not there before
 */
export async function makeFolder(path: string, isParentThere = false): Promise<boolean> {
  try {
    await mkdir(path, 0o700);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    if (isParentThere || codeOf(error) !== 'ENOENT') throw error;
  }
  await makeFolder(dirname(path));
  return makeFolder(path, true);
}

/** What the work gives, or undefined where a file or folder was not there. */
export async function unlessMissing<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

function codeOf(error: unknown): string {
  return isError(error) && 'code' in error ? String(error.code) : '';
}
