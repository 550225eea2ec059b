import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Bytes of a folder's files; with an ending, only of the files with this ending. */
export function bytesIn(directory: string, ending = ''): number {
  return readdirSync(directory)
    .filter((name) => name.endsWith(ending))
    .reduce((sum, name) => sum + statSync(join(directory, name)).size, 0);
}
