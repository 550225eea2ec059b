import type { Accepted, AcceptedHere } from './accepted.ts';
import { placeOf } from './find-file.ts';
import { readKnownFile } from './known-file.ts';

/** Names no file. */
const NONE = 'none';

/**
 * What the project of a folder has accepted.
 * @param folder from which `tandem-known.json` is looked for, up to the root of its repository
 * @param named the file, or `none`
 * @returns undefined without a file
 * @throws Error in one line: the file, its line, and what is wrong with it
 */
export async function readAccepted(folder: string, named?: string): Promise<Accepted | undefined> {
  if (named === NONE) return undefined;
  const { isThere, accepted } = await readKnownFile(folder, named);
  if (!isThere && named !== undefined) throw new Error(`${named} is not there. Name a file, or none.`);
  return isThere ? accepted : undefined;
}

/** Which problems the project of a folder has accepted. Never throws. @param named the file, or `none` */
export async function knownIn(folder: string, named?: string): Promise<AcceptedHere> {
  const place = placeOf(folder);
  return readAccepted(folder, named).then(
    (accepted) => ({ accepted, folder, place }),
    ({ message }: Error) => ({ fault: message, folder, place }),
  );
}
