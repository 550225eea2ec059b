import { randomUUID } from 'node:crypto';
import { chmodSync, mkdirSync } from 'node:fs';
import { chmod, mkdir, readdir, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { OwnerLock } from './owner-lock.ts';
import { makeLockFile, tryLock } from './owner-lock.ts';
import { checkDirectories, codeOf } from './refusal.ts';

/** How names of segments end. */
const SUFFIX = '.spans';

/** An empty directory this young may belong to a process that is about to lock it. */
const NEW_MS = 60_000;

/** A directory of segments that this process, and no other, writes to, sends from and removes. */
export class OwnedDirectory {
  readonly path: string;
  #lock: OwnerLock | undefined;
  #sequence = 0;

  /** @param lock absent for a directory that is still to be made */
  constructor(path: string, lock?: OwnerLock) {
    this.path = path;
    this.#lock = lock;
  }

  /** Whether it is there and ours. */
  get isMade(): boolean {
    return this.#lock !== undefined;
  }

  /**
   * Makes it, for this user only.
   *
   * @param parents from the first that may not be a link down to the one that it is in
   * @throws RefusedPathError when one of them is a link or a pipe
   */
  async make(parents: readonly string[]): Promise<void> {
    const parent = parents.at(-1) ?? '';
    checkDirectories(parents);
    await makeDirectory(parent);
    await chmod(parent, 0o700);
    await makeDirectory(this.path);
    await makeLockFile(this.path);
    this.#own();
  }

  /** The same before it returns, perhaps while {@link make} is under way. */
  makeSync(parents: readonly string[]): void {
    const parent = parents.at(-1) ?? '';
    checkDirectories(parents);
    makeDirectorySync(parent);
    chmodSync(parent, 0o700);
    makeDirectorySync(this.path);
    this.#own();
  }

  /** The paths of the segments in it. */
  async segments(): Promise<string[]> {
    return (await segmentNames(this.path)).map((name) => join(this.path, name));
  }

  /** The path of a new segment; they sort by name in the order they were started. */
  nextSegment(): string {
    return join(this.path, segmentName(this.#sequence++));
  }

  /** Gives it up: without segments it is removed, else another process may adopt it. */
  async release(): Promise<void> {
    if (!this.#lock) return;
    try {
      if ((await segmentNames(this.path)).length === 0) await rm(this.path, { recursive: true, force: true });
    } finally {
      this.#lock.release();
      this.#lock = undefined;
    }
  }

  #own(): void {
    this.#lock ??= tryLock(this.path);
    // Rarely an adopting process tries the lock at this very moment; it lets go, but another directory is as good.
    if (!this.#lock) throw new Error(`${this.path} is locked by another process.`);
  }
}

/**
 * Makes a directory, and those above it that are missing, for this user only. Not by mkdir's `recursive`: where a directory
 * is there and takes none, as /proc, Node tries again without end.
 */
async function makeDirectory(path: string, isInMade = false): Promise<void> {
  try {
    await mkdir(path, 0o700);
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return;
    if (isInMade || !isMissing(error)) throw error;
    await makeDirectory(dirname(path));
    await makeDirectory(path, true);
  }
}

function makeDirectorySync(path: string, isInMade = false): void {
  try {
    mkdirSync(path, 0o700);
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return;
    if (isInMade || !isMissing(error)) throw error;
    makeDirectorySync(dirname(path));
    makeDirectorySync(path, true);
  }
}

/** A directory of our own under this one, still to be made. */
export function planDirectory(parent: string): OwnedDirectory {
  return new OwnedDirectory(join(parent, randomUUID()));
}

/** Takes a directory over whose owner has ended; `held` when the owner still runs, `empty` when nothing is in it. */
export async function claimDirectory(path: string): Promise<OwnedDirectory | 'held' | 'empty'> {
  const lock = tryLock(path);
  if (!lock) return 'held';
  try {
    if ((await segmentNames(path)).length > 0) return new OwnedDirectory(path, lock);
    const isNew = Date.now() - (await stat(path)).mtimeMs < NEW_MS;
    if (!isNew) await rm(path, { recursive: true, force: true });
  } catch (error) {
    lock.release();
    throw error;
  }
  lock.release();
  return 'empty';
}

/** The directories of all processes under the last of `parents`. @throws RefusedPathError when one is a link or a pipe */
export async function listDirectories(parents: readonly string[]): Promise<string[]> {
  checkDirectories(parents);
  const parent = parents.at(-1) ?? '';
  try {
    const entries = await readdir(parent, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map((entry) => join(parent, entry.name));
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

/** Whether a file or directory was not there. */
export function isMissing(error: unknown): boolean {
  return codeOf(error) === 'ENOENT';
}

/** When a segment was begun, in milliseconds since the epoch. */
export function segmentTime(path: string): number {
  return Number.parseInt(basename(path), 10);
}

function segmentName(sequence: number): string {
  return `${Date.now().toString().padStart(15, '0')}-${sequence.toString().padStart(8, '0')}${SUFFIX}`;
}

async function segmentNames(path: string): Promise<string[]> {
  try {
    return (await readdir(path)).filter((name) => name.endsWith(SUFFIX));
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}
