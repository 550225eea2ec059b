import { randomUUID } from 'node:crypto';
import { chmodSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { OwnerLock } from './owner-lock.ts';
import { tryLock } from './owner-lock.ts';
import { Segment } from './segment.ts';

const SUFFIX = '.spans';

/** An empty directory this young may belong to a process that is about to lock it. */
const NEW_MS = 60_000;

/** A directory of segments that this process, and no other, writes to, sends from and removes. */
export interface OwnedDirectory {
  readonly path: string;
  /** What is in it. */
  segments(): Segment[];
  /** Starts a segment; segments sort by name in the order they were started. */
  createSegment(): Segment;
  /** Gives it up: without segments it is removed, else another process may adopt it. */
  release(): void;
}

/** Makes a directory that nobody else has, under `parent`, both for this user only. */
export function createDirectory(parent: string): OwnedDirectory {
  mkdirSync(parent, { recursive: true, mode: 0o700 });
  chmodSync(parent, 0o700);
  for (;;) {
    const path = join(parent, randomUUID());
    mkdirSync(path, { mode: 0o700 });
    // Rarely an adopting process tries the lock at this very moment; it lets go, but another directory is as good.
    const lock = tryLock(path);
    if (lock) return own(path, lock);
  }
}

/** Takes a directory whose owner has ended; `held` when it has not, `empty` when there is nothing to take. */
export function claimDirectory(path: string): OwnedDirectory | 'held' | 'empty' {
  const lock = tryLock(path);
  if (!lock) return 'held';
  if (segmentNames(path).length > 0) return own(path, lock);
  const isNew = Date.now() - statSync(path).mtimeMs < NEW_MS;
  lock.release();
  if (!isNew) rmSync(path, { recursive: true, force: true });
  return 'empty';
}

/** The directories of all processes under `parent`. */
export function listDirectories(parent: string): string[] {
  try {
    const entries = readdirSync(parent, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map((entry) => join(parent, entry.name));
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

/** Whether a file or directory was not there. */
export function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

function own(path: string, lock: OwnerLock): OwnedDirectory {
  let sequence = 0;
  return {
    path,
    segments: () => segmentNames(path).map((name) => Segment.open(join(path, name))),
    createSegment: () => Segment.create(join(path, segmentName(sequence++))),
    release: () => {
      if (segmentNames(path).length === 0) rmSync(path, { recursive: true, force: true });
      lock.release();
    },
  };
}

function segmentName(sequence: number): string {
  return `${Date.now().toString().padStart(15, '0')}-${sequence.toString().padStart(8, '0')}${SUFFIX}`;
}

function segmentNames(path: string): string[] {
  try {
    return readdirSync(path).filter((name) => name.endsWith(SUFFIX));
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}
