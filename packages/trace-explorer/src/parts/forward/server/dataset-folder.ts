import { readdir } from 'node:fs/promises';

/** Characters of a folder's name. */
const MAX_FOLDER = 200;

/** A sender's dataset, empty for none, as the name of a folder; undefined for a name that is too long. */
export function folderOf(dataset: string): string | undefined {
  const encoded = encodeURIComponent(dataset.trim().toWellFormed()).replace(
    /[*'()!~.]/g,
    (character) => `%${character.charCodeAt(0).toString(16)}`,
  );
  return encoded.length > MAX_FOLDER ? undefined : `@${encoded}`;
}

/** The datasets that the folders in a folder have. */
export async function datasetsIn(directory: string): Promise<string[]> {
  const folders = await readdir(directory).catch(() => []);
  return folders.flatMap((folder) => (folder.startsWith('@') ? [decodeURIComponent(folder.slice(1))] : []));
}
