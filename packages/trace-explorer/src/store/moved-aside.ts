import { existsSync, readdirSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { FILE_NAME } from './database.ts';

/** A store that could not be opened, under its new name. */
const MOVED_NAME = /^explorer-\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ(?:-\d+)?\.duckdb$/u;
/** A second has room for so many; more would mean that the names cannot be looked up. */
const MAX_NAMES_PER_SECOND = 1_000;

/**
 * Moves the file of a store and its write-ahead log, which is part of it, to a name with the time.
 * @returns where the store is now
 * @throws Error of the file system
 */
export function moveAside(directory: string, now: Date): string {
  const path = freeName(directory, now);
  const file = join(directory, FILE_NAME);
  // The log first: a log beside a new store would be taken for that store's own.
  if (existsSync(`${file}.wal`)) renameSync(`${file}.wal`, `${path}.wal`);
  if (existsSync(file)) renameSync(file, path);
  return path;
}

/** Paths of the stores that were moved aside, oldest first. */
export function movedAside(directory: string): readonly string[] {
  return readdirSync(directory)
    .filter((name) => MOVED_NAME.test(name))
    .toSorted()
    .map((name) => join(directory, name));
}

/** A sentence for each of these stores that is still there. */
export function movedAsideNotices(paths: readonly string[]): string[] {
  return paths
    .filter((path) => existsSync(path))
    .map((path) => {
      const mebibytes = Math.ceil((sizeOf(path) + sizeOf(`${path}.wal`)) / 1024 ** 2);
      return `A store that was damaged or could not be opened was moved to ${path} (${mebibytes} MiB), and a new one was begun. ${howToRead(path)}`;
    });
}

/** What a person can do with a store that was moved aside. */
export function howToRead(path: string): string {
  return `DuckDB’s command line reads it, without the explorer’s limit on memory: duckdb '${path}'. Delete it when you do not need it.`;
}

/** A name that neither a store nor its log has. */
function freeName(directory: string, now: Date): string {
  const time = now.toISOString().slice(0, 19).replaceAll(':', '-');
  for (let count = 1; count <= MAX_NAMES_PER_SECOND; count++) {
    const path = join(directory, `explorer-${time}Z${count === 1 ? '' : `-${count}`}.duckdb`);
    if (!existsSync(path) && !existsSync(`${path}.wal`)) return path;
  }
  throw new Error(`${directory} holds too many stores that were moved aside`);
}

function sizeOf(path: string): number {
  return existsSync(path) ? statSync(path).size : 0;
}
