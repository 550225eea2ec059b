import { closeSync, constants, openSync, writeSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { lstat, mkdir, open, statfs } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { isError } from '../is-error.ts';

/** Never through a link, and without waiting for the other end of a pipe. */
const SAFE_FLAGS = constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** What opening a link, a pipe without a reader, a socket or a directory fails with. */
const REFUSAL_CODES = ['ELOOP', 'ENXIO', 'EISDIR'];

/** A longer file is none of a spool: no more than these bytes are read. */
const MAX_READ_BYTES = 64 * 1024 * 1024;

/** The spool leaves this part of the volume to others, and at least so many bytes: databases fail without room. */
const LEFT_FREE = 0.1;
const LEAST_FREE_BYTES = 64 * 1024 * 1024;

/** `fs.statfs`, as far as it is read. */
export type StatFs = (
  path: string,
) => Promise<{ readonly bsize: number; readonly blocks: number; readonly bavail: number }>;

/** Something in the place of the spool that is no part of it. It is neither used nor removed. */
export class RefusedPathError extends Error {
  constructor(path: string) {
    super(`${path} is a link, a pipe or a device, and no part of the spool`);
    this.name = 'RefusedPathError';
  }
}

/** How the spool reads and writes files. Only the dying process uses `writeSync`. */
export interface SpoolFiles {
  /** Writes bytes at a place; at 0 the file is made, for this user only. A failure may leave a part behind the place. */
  write(path: string, bytes: Uint8Array, offset: number): Promise<void>;
  writeSync(path: string, bytes: Uint8Array, offset: number): void;
  /** @throws RefusedPathError for anything but a file */
  read(path: string): Promise<Buffer>;
}

/** The file system. */
export const DISK_FILES: SpoolFiles = {
  write: (path, bytes, offset) =>
    withFile(path, writeFlags(offset), async (file) =>
      checkWhole((await file.write(bytes, 0, bytes.length, offset)).bytesWritten, bytes),
    ),
  writeSync(path, bytes, offset) {
    const file = openSync(path, writeFlags(offset), 0o600);
    try {
      checkWhole(writeSync(file, bytes, 0, bytes.length, offset), bytes);
    } finally {
      closeSync(file);
    }
  },
  read: (path) =>
    withFile(path, constants.O_RDONLY | SAFE_FLAGS, async (file) => {
      const bytes = Buffer.allocUnsafeSlow(Math.min((await file.stat()).size, MAX_READ_BYTES));
      return bytes.subarray(0, (await file.read(bytes, 0, bytes.length, 0)).bytesRead);
    }),
};

/**
 * Goes from `root` down to a folder, of which none may be a link.
 *
 * @param isMissingMade whether missing folders are made, for this user only
 * @returns whether the folder is there, or was made
 * @throws RefusedPathError for a link, a pipe or a file in the place of a folder
 */
export async function enterFolder(
  root: string,
  folder: string,
  isMissingMade: boolean,
): Promise<'there' | 'made' | undefined> {
  let path = root;
  let isMade = false;
  for (const name of ['', ...relative(root, folder).split(sep)]) {
    path = join(path, name);
    if (isMissingMade) isMade = await makeFolder(path);
    const stats = await unlessMissing(lstat(path));
    if (stats === undefined) return undefined;
    if (!stats.isDirectory()) throw new RefusedPathError(path);
  }
  return isMade ? 'made' : 'there';
}

/**
 * How many bytes the spool may still take from the volume of a folder; negative when others should have some of its room.
 * Unlimited on a volume that does not tell, as /proc.
 */
export async function roomOnVolume(folder: string, ask: StatFs = statfs): Promise<number> {
  const { bsize, blocks, bavail } = await ask(folder);
  if (blocks === 0) return Number.POSITIVE_INFINITY;
  return bavail * bsize - Math.max(LEAST_FREE_BYTES, blocks * bsize * LEFT_FREE);
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

/** Not by mkdir's `recursive`: below a folder that takes none, as /proc, Node tries again without end. */
async function makeFolder(path: string, isParentMade = false): Promise<boolean> {
  try {
    await mkdir(path, 0o700);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    if (isParentMade || codeOf(error) !== 'ENOENT') throw error;
    await makeFolder(dirname(path));
    return makeFolder(path, true);
  }
}

async function withFile<T>(path: string, flags: number, use: (file: FileHandle) => Promise<T>): Promise<T> {
  const file = await open(path, flags, 0o600).catch((error: unknown) => {
    throw REFUSAL_CODES.includes(codeOf(error)) ? new RefusedPathError(path) : error;
  });
  try {
    if (!(await file.stat()).isFile()) throw new RefusedPathError(path);
    return await use(file);
  } finally {
    await file.close();
  }
}

function writeFlags(offset: number): number {
  return SAFE_FLAGS | constants.O_WRONLY | (offset === 0 ? constants.O_CREAT : 0);
}

function checkWhole(written: number, bytes: Uint8Array): void {
  if (written < bytes.length) throw new Error(`Only ${written} of ${bytes.length} bytes could be written.`);
}

function codeOf(error: unknown): string {
  return isError(error) && 'code' in error ? String(error.code) : '';
}
