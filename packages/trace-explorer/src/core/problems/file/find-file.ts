import { existsSync } from 'node:fs';
import { lstat, realpath } from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { FILE_NAME } from './entries.ts';

/** The root of the repository that a folder is in: the nearest one with `.git`, which is a file in a worktree. Undefined outside of all. */
export function rootOf(folder: string): string | undefined {
  for (let at = resolve(folder); ; at = dirname(at)) {
    if (existsSync(join(at, '.git'))) return at;
    if (dirname(at) === at) return undefined;
  }
}

/** Where a folder is in its repository, with `/`: `packages/shop`; `.` for the root, and for a folder of no repository. */
export function placeOf(folder: string): string {
  const root = rootOf(folder) ?? folder;
  return relative(root, resolve(folder)).split(sep).join('/') || '.';
}

/** Whether a file is in the repository of a folder; true of all where the folder is in none. @param file as the repository sees it */
export function isInRepository(folder: string): (file: string) => boolean {
  const root = rootOf(folder);
  return (file) => root === undefined || existsSync(join(root, file));
}

/**
 * The file of a folder, which may not be there: the nearest one up to the root of the repository, else the one that belongs to the
 * root. Above a folder of no repository nobody looks.
 */
export function fileOf(folder: string): string {
  const root = rootOf(folder) ?? resolve(folder);
  for (let at = resolve(folder); at !== root; at = dirname(at)) {
    const path = join(at, FILE_NAME);
    if (existsSync(path)) return path;
  }
  return join(root, FILE_NAME);
}

/** The path of a file that may be written for a folder. @throws Error for a link, and for a file outside of the repository */
export async function writableFile(path: string, folder: string): Promise<string> {
  const root = await realpath(rootOf(folder) ?? folder);
  const above = await realpath(dirname(path)).catch(() => resolve(dirname(path)));
  const shown = relative(folder, path) || path;
  if (above !== root && !above.startsWith(root + sep))
    throw new Error(`${shown} is outside of ${root}. Nothing is written there.`);
  const stats = await lstat(path).catch(() => undefined);
  if (stats !== undefined && !stats.isFile())
    throw new Error(
      `${shown} is ${stats.isSymbolicLink() ? 'a link' : 'no file'}. Nothing is written through it.`,
    );
  return path;
}
