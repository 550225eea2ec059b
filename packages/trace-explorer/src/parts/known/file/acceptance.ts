import type { Acceptance } from '../../../core/runs/accepted.ts';
import { placeOf } from './find-file.ts';
import { readKnownFile } from './known-file.ts';

/** Names no file. */
const NONE = 'none';

/** Reads `tandem-known.json`. */
export const acceptance: Acceptance = {
  async read(folder, named) {
    if (named === NONE) return undefined;
    const { isThere, accepted } = await readKnownFile(folder, named);
    if (!isThere && named !== undefined) throw new Error(`${named} is not there. Name a file, or none.`);
    return isThere ? accepted : undefined;
  },
  placeOf,
};
