import { open } from 'node:fs/promises';
import { isError } from '../process/is-error.ts';

/** How the spool writes files. */
export type SpoolFiles = typeof DISK_FILES;

export const DISK_FILES = {
  /** Writes bytes at a place; at 0 the file is made, for this user only. A failure may leave a part behind the place. */
  async write(path: string, bytes: Uint8Array, offset: number): Promise<void> {
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

/** What the work gives, or undefined where a file or folder is missing. */
export async function unlessMissing<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (isError(error) && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
