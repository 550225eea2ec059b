import { relative, resolve } from 'node:path';
import type { Accepted, AcceptedEntry } from './accepted.ts';
import { acceptedOf } from './accepted-of.ts';
import { dayOf } from './entries.ts';
import { fileOf, isInRepository } from './find-file.ts';
import { readEntries } from './read-file.ts';

/** What a project has accepted, as its file says it. */
export interface KnownFile {
  readonly path: string;
  /** For people. */
  readonly name: string;
  readonly entries: readonly AcceptedEntry[];
  /** Whether it is there. */
  readonly isThere: boolean;
  readonly accepted: Accepted;
}

/**
 * The file of a folder, which may not be there.
 * @param named another file, as the folder sees it
 * @throws Error in one line, for a file with a fault
 */
export async function readKnownFile(folder: string, named: string | undefined): Promise<KnownFile> {
  const path = named === undefined ? fileOf(folder) : resolve(folder, named);
  const name = relative(folder, path) || path;
  const entries = await readEntries(path, name);
  const accepted = acceptedOf(name, entries ?? [], dayOf(new Date()), isInRepository(folder));
  return { path, name, entries: entries ?? [], isThere: entries !== undefined, accepted };
}
