import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Bytes of a folder's files, or of those whose names end so. */
export function bytesIn(directory: string, ending = ''): number {
  return readdirSync(directory)
    .filter((name) => name.endsWith(ending))
    .reduce((sum, name) => sum + statSync(join(directory, name)).size, 0);
}
