import { existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/**
 * Makes a folder and the missing folders above it. Not by mkdir's `recursive`: in an existing folder that takes no
 * folders, such as /proc, Node would try for ever.
 * @throws Error of the file system, whose `path` is the folder that could not be made
 */
export function makeFolders(path: string, mode = 0o777): void {
  const missing = [resolve(path)];
  for (let at = dirname(path); !existsSync(at); at = dirname(at)) missing.push(at);
  for (const folder of missing.reverse()) {
    try {
      mkdirSync(folder, { mode });
    } catch (error) {
      if (!isFolder(folder)) throw error;
    }
  }
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}
