import { closeSync, constants, fstatSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { open, rm } from 'node:fs/promises';
import { isError } from '../is-error.ts';

/** Never through a link, and without waiting for the other end of a pipe. */
const SAFE_FLAGS = constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** What opening something that is no file fails with: a link, a pipe without a reader or a socket, a directory. */
const REFUSAL_CODES = ['ELOOP', 'ENXIO', 'EISDIR'];

/** Something in the place of the spool that is no part of it. It is neither used nor removed. */
export class RefusedPathError extends Error {
  readonly path: string;

  constructor(path: string, is = 'a link, a pipe or a device') {
    super(`${path} is ${is}, and no part of the spool`);
    this.name = 'RefusedPathError';
    this.path = path;
  }
}

/** What the spool does with files. Only the dying process uses `writeSync`. */
export interface SpoolFiles {
  /** Writes bytes at a place; after a failure nothing is behind it. `isNew`: the file is made, for this user only. */
  write(path: string, bytes: Uint8Array, offset: number, isNew: boolean): Promise<void>;
  writeSync(path: string, bytes: Uint8Array, offset: number, isNew: boolean): void;
  /** The first bytes of a file, `length` at most. @throws RefusedPathError for what is no file */
  read(path: string, length: number): Promise<Buffer>;
  remove(path: string): Promise<void>;
}

/** Those of the file system. */
export const DISK_FILES: SpoolFiles = {
  write: (path, bytes, offset, isNew) =>
    withFile(path, writeFlags(isNew), async (file) => {
      try {
        const { bytesWritten } = await file.write(bytes, 0, bytes.length, offset);
        checkWhole(bytesWritten, bytes);
      } catch (error) {
        await file.truncate(offset);
        throw error;
      }
    }),
  writeSync(path, bytes, offset, isNew) {
    const file = openSync(path, writeFlags(isNew) | SAFE_FLAGS, 0o600);
    try {
      if (!fstatSync(file).isFile()) throw new RefusedPathError(path);
      checkWhole(writeSync(file, bytes, 0, bytes.length, offset), bytes);
    } catch (error) {
      ftruncateSync(file, offset);
      throw error;
    } finally {
      closeSync(file);
    }
  },
  read: (path, length) =>
    withFile(path, constants.O_RDONLY, async (file) => {
      const { size } = await file.stat();
      const bytes = Buffer.allocUnsafeSlow(Math.min(size, length));
      const { bytesRead } = await file.read(bytes, 0, bytes.length, 0);
      return bytes.subarray(0, bytesRead);
    }),
  remove: (path) => rm(path, { force: true }),
};

/** The code of an error of the file system; '' for another one. */
export function codeOf(error: unknown): string {
  return isError(error) && 'code' in error ? String(error.code) : '';
}

/** Whether a file or directory was not there. */
export function isMissing(error: unknown): boolean {
  return codeOf(error) === 'ENOENT';
}

function writeFlags(isNew: boolean): number {
  return constants.O_WRONLY | (isNew ? constants.O_CREAT : 0);
}

function checkWhole(written: number, bytes: Uint8Array): void {
  if (written < bytes.length) throw new Error(`Only ${written} of ${bytes.length} bytes could be written.`);
}

async function withFile<T>(path: string, flags: number, use: (file: FileHandle) => Promise<T>): Promise<T> {
  const file = await open(path, flags | SAFE_FLAGS, 0o600).catch((error: unknown) => {
    throw REFUSAL_CODES.includes(codeOf(error)) ? new RefusedPathError(path) : error;
  });
  try {
    if (!(await file.stat()).isFile()) throw new RefusedPathError(path);
    return await use(file);
  } finally {
    await file.close();
  }
}
