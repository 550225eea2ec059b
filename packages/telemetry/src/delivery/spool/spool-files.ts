import { closeSync, constants, ftruncateSync, rmSync, writeSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { open, rm } from 'node:fs/promises';
import { checkRegular, openFile, RefusedPathError, refusedOr, SAFE_FLAGS } from './refusal.ts';

/** What the spool does with files. Only the dying process uses what ends in Sync. */
export interface SpoolFiles {
  /** Writes bytes at a place; after a failure nothing is behind it. `isNew`: the file is made, for this user only. */
  write(path: string, bytes: Uint8Array, offset: number, isNew: boolean): Promise<void>;
  writeSync(path: string, bytes: Uint8Array, offset: number, isNew: boolean): void;
  /** Up to so many bytes of a file. @throws RefusedPathError for what is no file */
  read(path: string, offset: number, length: number): Promise<Buffer>;
  /** A whole file. @throws RefusedPathError for what is no file, or one of more than `maxBytes` */
  readAll(path: string, maxBytes: number): Promise<Buffer>;
  remove(path: string): Promise<void>;
  removeSync(path: string): void;
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
    const file = openFile(path, writeFlags(isNew), 0o600);
    try {
      checkWhole(writeSync(file, bytes, 0, bytes.length, offset), bytes);
    } catch (error) {
      ftruncateSync(file, offset);
      throw error;
    } finally {
      closeSync(file);
    }
  },
  read: (path, offset, length) =>
    withFile(path, constants.O_RDONLY, async (file) => {
      const bytes = Buffer.allocUnsafeSlow(length);
      const { bytesRead } = await file.read(bytes, 0, length, offset);
      return bytes.subarray(0, bytesRead);
    }),
  readAll: (path, maxBytes) =>
    withFile(path, constants.O_RDONLY, async (file) => {
      const { size } = await file.stat();
      if (size > maxBytes) throw new RefusedPathError(path, `a file of ${size} bytes`);
      return file.readFile();
    }),
  remove: (path) => rm(path, { force: true }),
  removeSync: (path) => rmSync(path, { force: true }),
};

function writeFlags(isNew: boolean): number {
  return constants.O_WRONLY | (isNew ? constants.O_CREAT : 0);
}

function checkWhole(written: number, bytes: Uint8Array): void {
  if (written < bytes.length) throw new Error(`Only ${written} of ${bytes.length} bytes could be written.`);
}

async function withFile<T>(path: string, flags: number, use: (file: FileHandle) => Promise<T>): Promise<T> {
  const file = await open(path, flags | SAFE_FLAGS, 0o600).catch((error: unknown) => {
    throw refusedOr(path, error);
  });
  try {
    checkRegular(path, await file.stat());
    return await use(file);
  } finally {
    await file.close();
  }
}
