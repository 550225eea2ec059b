import { readdir } from 'node:fs/promises';
import { OtlpHttpError } from '../receiver/http-error.ts';

/** Characters of a folder's name. */
const MAX_FOLDER = 200;

/** A sender's dataset, empty for none, as the name of a folder. @throws OtlpHttpError for a long name of a dataset */
export function folderOf(dataset: string): string {
  const encoded = encodeURIComponent(dataset.trim().toWellFormed()).replace(
    /[*'()!~.]/g,
    (character) => `%${character.charCodeAt(0).toString(16)}`,
  );
  if (encoded.length > MAX_FOLDER)
    throw new OtlpHttpError(400, 'the name of the dataset in x-honeycomb-dataset is too long to be sent on');
  return `@${encoded}`;
}

/** The datasets that the folders in a folder have. */
export async function datasetsIn(directory: string): Promise<string[]> {
  const folders = await readdir(directory).catch(() => []);
  return folders.flatMap((folder) => (folder.startsWith('@') ? [decodeURIComponent(folder.slice(1))] : []));
}
