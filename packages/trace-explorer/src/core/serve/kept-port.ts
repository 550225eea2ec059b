import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const FILE_NAME = 'port';

/**
 * Writes down the page's port beside the store, so that a command whose folder is in use finds the explorer that has it open.
 * Where it cannot be written, such commands wait in vain, and nothing else is lost.
 *
 * @param directory of the store
 * @returns how to take it back
 */
export function keepPort(directory: string, port: number): () => void {
  const path = join(directory, FILE_NAME);
  try {
    writeFileSync(path, String(port), { mode: 0o600 });
  } catch {}
  return () => {
    // The folder may have been replaced, and have another explorer.
    if (keptPort(directory) === String(port)) rmSync(path, { force: true });
  };
}

/** The page's port of the explorer that has, or had, a store open; undefined where none is written down. */
export function keptPort(directory: string): string | undefined {
  try {
    return /^\d{1,5}$/.exec(readFileSync(join(directory, FILE_NAME), 'utf8'))?.[0];
  } catch {
    return undefined;
  }
}
