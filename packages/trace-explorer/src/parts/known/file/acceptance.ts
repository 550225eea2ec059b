import { relative, resolve } from 'node:path';
import type { Acceptance } from '../../../core/runs/accepted.ts';
import { acceptedOf } from './accepted.ts';
import { dayOf } from './entries.ts';
import { fileOf, placeOf } from './find-file.ts';
import { readEntries } from './read-file.ts';

/** Reads `tandem-known.json`. */
export const acceptance: Acceptance = {
  async read(folder, named) {
    if (named === NONE) return undefined;
    const path = named === undefined ? fileOf(folder) : resolve(folder, named);
    const name = relative(folder, path);
    const entries = await readEntries(path, name);
    if (entries === undefined && named !== undefined)
      throw new Error(`${named} is not there. Name a file, or none.`);
    return entries && acceptedOf(name, entries, dayOf(new Date()));
  },
  placeOf,
};

/** Names no file. */
const NONE = 'none';
