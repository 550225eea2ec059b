import { createHash } from 'node:crypto';
import { cpSync, existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Holds what `keyOf` said when the build had ended. */
const KEY_FILE = 'built-key';

/** A folder of an installed package that a build writes into. */
export interface BuildFolder {
  /** Absolute. Beside it a copy is kept as it was installed: FOLDER.installed. */
  readonly folder: string;
  /** Files that decide what is built, absolute. */
  readonly inputs: readonly string[];
}

/**
 * Builds into a folder, unless all that was built from the inputs is there, unchanged. Each build begins with the folder
 * as it was installed: what an interrupted one left might be too little to begin with. The folder's files are copies:
 * pnpm links them to its store, where a build that writes into them would change every clone on this machine.
 *
 * @param build resolves with whether it came to its end
 * @returns whether the folder is built; what a failed build has left is replaced by the next one
 */
export async function buildInto(place: BuildFolder, build: () => Promise<boolean>): Promise<boolean> {
  const { folder } = place;
  if (isBuilt(place)) return true;
  const installed = `${folder}.installed`;
  if (!existsSync(installed)) copyFolder(folder, installed);
  copyFolder(installed, folder);
  if (!(await build())) return false;
  writeFileSync(join(folder, KEY_FILE), keyOf(place));
  return true;
}

function isBuilt(place: BuildFolder): boolean {
  const keyFile = join(place.folder, KEY_FILE);
  return existsSync(keyFile) && readFileSync(keyFile, 'utf8') === keyOf(place);
}

/** What the inputs and all files of the folder are, without those behind links. */
function keyOf({ folder, inputs }: BuildFolder): string {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name !== KEY_FILE)
    .map(({ parentPath, name }) => join(parentPath, name))
    .toSorted();
  return hashOf([...inputs, ...files]);
}

/** A hash of what is in files, in this order. */
export function hashOf(files: readonly string[]): string {
  const hash = createHash('sha256');
  for (const file of files) hash.update(readFileSync(file)).update('\0');
  return hash.digest('hex');
}

/** Puts a copy in the place of `target`, which is never half of one. */
function copyFolder(source: string, target: string): void {
  const unfinished = `${target}.unfinished`;
  rmSync(unfinished, { recursive: true, force: true });
  cpSync(source, unfinished, { recursive: true, verbatimSymlinks: true });
  rmSync(target, { recursive: true, force: true });
  renameSync(unfinished, target);
}
