import { execFile } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmdirSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const CHUNK = Buffer.alloc(4096);

/** A file system in memory that can become full or read-only. */
export interface Volume {
  /** Its root. */
  readonly directory: string;
  /** Fills the volume. */
  fill(): void;
  /** Frees the room again. */
  empty(): void;
  /** @throws Error while files are open for writing */
  makeReadOnly(isReadOnly: boolean): Promise<void>;
  remove(): Promise<void>;
}

/**
 * Mounts a tmpfs.
 * @throws Error when this process may not mount
 */
export async function makeVolume(mebibytes: number): Promise<Volume> {
  const directory = mkdtempSync(join(tmpdir(), 'tandem-volume-'));
  try {
    await run('mount', ['-t', 'tmpfs', '-o', `size=${mebibytes}m,mode=700`, 'tmpfs', directory]);
  } catch (error) {
    rmdirSync(directory);
    throw error;
  }
  const filler = join(directory, 'filler');
  return {
    directory,
    fill() {
      const file = openSync(filler, 'a');
      try {
        for (let bytes = 0; bytes < mebibytes * 2 ** 20; bytes += CHUNK.length) writeSync(file, CHUNK);
      } catch (error) {
        if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
      } finally {
        closeSync(file);
      }
    },
    empty: () => rmSync(filler, { force: true }),
    async makeReadOnly(isReadOnly) {
      await run('mount', ['-o', `remount,${isReadOnly ? 'ro' : 'rw'}`, directory]);
    },
    async remove() {
      // An open file, for instance a database of this process, keeps the volume until it is closed.
      await run('umount', ['--lazy', directory]);
      rmdirSync(directory);
    },
  };
}

/** Whether this process may mount. Root may, except in most containers. */
export async function canMount(): Promise<boolean> {
  try {
    await (await makeVolume(1)).remove();
    return true;
  } catch {
    return false;
  }
}
