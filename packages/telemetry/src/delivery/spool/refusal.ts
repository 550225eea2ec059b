import type { Stats } from 'node:fs';
import { closeSync, constants, fstatSync, lstatSync, openSync } from 'node:fs';
import { isError } from '../../is-error.ts';

/** How each file of the spool is opened: never through a link, and without waiting for the other end of a pipe. */
export const SAFE_FLAGS = constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** What opening something that is no file fails with: a link, a pipe without a reader or a socket, a directory. */
const REFUSAL_CODES = ['ELOOP', 'ENXIO', 'EISDIR'];

/**
 * Something in the spool's place that is no part of it: a pipe, whose reading never ends, or a link, behind which
 * anything may be. It is neither used nor removed.
 */
export class RefusedPathError extends Error {
  readonly path: string;

  constructor(path: string, is = 'a link, a pipe or a device') {
    super(`${path} is ${is}, and no part of the spool`);
    this.name = 'RefusedPathError';
    this.path = path;
  }
}

/** Opens a file of the spool. @throws RefusedPathError for what is no regular file */
export function openFile(path: string, flags: number, mode?: number): number {
  let file: number;
  try {
    file = openSync(path, flags | SAFE_FLAGS, mode);
  } catch (error) {
    throw refusedOr(path, error);
  }
  try {
    checkRegular(path, fstatSync(file));
    return file;
  } catch (error) {
    closeSync(file);
    throw error;
  }
}

/** The error of opening a path: a refusal when what is there is no file. */
export function refusedOr(path: string, error: unknown): unknown {
  return REFUSAL_CODES.includes(codeOf(error)) ? new RefusedPathError(path) : error;
}

/** Checks that it is a regular file. @throws RefusedPathError */
export function checkRegular(path: string, stats: Stats): void {
  if (!stats.isFile()) throw new RefusedPathError(path);
}

/** What is known of a file; it is not opened, which would end a lock that this process has on it. @throws RefusedPathError */
export function statFile(path: string): Stats {
  const stats = lstatSync(path);
  checkRegular(path, stats);
  return stats;
}

/** Checks that what is there of these directories are directories. @throws RefusedPathError */
export function checkDirectories(paths: readonly string[]): void {
  for (const path of paths) {
    const stats = lstatSync(path, { throwIfNoEntry: false });
    if (stats && !stats.isDirectory()) throw new RefusedPathError(path);
  }
}

/** The code of an error of the file system; '' for another one. */
export function codeOf(error: unknown): string {
  return isError(error) && 'code' in error ? String(error.code) : '';
}
