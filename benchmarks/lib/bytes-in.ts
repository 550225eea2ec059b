import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Bytes that a folder’s files take on the disk; with an ending, only the files with this ending. */
export function bytesIn(directory: string, ending = ''): number {
  return readdirSync(directory)
    .filter((name) => name.endsWith(ending))
    .reduce((sum, name) => sum + statSync(join(directory, name)).blocks * 512, 0);
}
