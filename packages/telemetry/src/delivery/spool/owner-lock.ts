import { chmodSync, closeSync, constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { isError } from '../../is-error.ts';
import { codeOf, openFile, statFile } from './refusal.ts';

/** The file in a spool directory that its owner holds locked. */
const LOCK_FILE = 'lock';

/** SQLite's code for a lock that somebody else holds. */
const SQLITE_BUSY = 5;

/** A directory that is ours until {@link OwnerLock.release}, or until this process ends, however it ends. */
export interface OwnerLock {
  release(): void;
}

/**
 * Tries to take the lock of a directory; undefined when another owner holds it.
 *
 * Node has no file locks of its own, but its SQLite has: a lock of the operating system, which is given back when
 * the process dies. So there is no guessing from process ids, which repeat after a restart and differ between
 * containers that share a volume. Loading it takes 1 ms and 2 MB, and happens only when there is something to spool.
 *
 * @throws Error when the directory cannot be written to; RefusedPathError when the lock's place is taken
 */
export function tryLock(directory: string): OwnerLock | undefined {
  const file = join(directory, LOCK_FILE);
  createPrivateFile(file);
  // Synchronous and only here: a process that never spools does not load it.
  const { DatabaseSync } = process.getBuiltinModule('node:sqlite');
  const database = new DatabaseSync(file, { timeout: 0 });
  try {
    database.exec('PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=MEMORY; BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    if (isError(error) && 'errcode' in error && error.errcode === SQLITE_BUSY) return undefined;
    throw error;
  }
  return { release: () => database.close() };
}

/** Makes the file for {@link tryLock}, which then only reads: to take the lock waits for no disk. */
export async function makeLockFile(directory: string): Promise<void> {
  try {
    const file = await open(join(directory, LOCK_FILE), 'wx', 0o600);
    await file.close();
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
  }
}

/** SQLite itself would create it readable for all, and follow a link. */
function createPrivateFile(file: string): void {
  const { O_WRONLY, O_CREAT, O_EXCL } = constants;
  try {
    closeSync(openFile(file, O_WRONLY | O_CREAT | O_EXCL, 0o600));
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
    if ((statFile(file).mode & 0o077) !== 0) chmodSync(file, 0o600);
  }
}
