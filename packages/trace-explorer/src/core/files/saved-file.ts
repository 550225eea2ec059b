import { rm } from 'node:fs/promises';
import { writeJsonFile } from '../../lib/node/json-file.ts';
import { fileErrorWords } from '../../lib/text/file-error.ts';
import { problems } from '../errors.ts';

/** The variable that names the folder of a file. */
type FolderVariable = 'EXPLORER_QUERIES' | 'DATA_DIR';

/**
 * Writes what a request saves, as {@link writeJsonFile} does.
 * @param variable what an error advises to change
 * @throws problem FOLDER_NOT_WRITABLE
 */
export async function saveFile(path: string, value: unknown, variable: FolderVariable): Promise<void> {
  await changing(path, variable, writeJsonFile(path, value));
}

/** Removes what a request saved. @throws problem FOLDER_NOT_WRITABLE */
export async function removeFile(path: string, variable: FolderVariable): Promise<void> {
  await changing(path, variable, rm(path, { force: true }));
}

async function changing(path: string, variable: FolderVariable, change: Promise<void>): Promise<void> {
  try {
    await change;
  } catch (error) {
    const words = fileErrorWords(error);
    if (words === undefined) throw error;
    const detail = `${path} cannot be written: ${words}. Make the file writable, or name another folder in ${variable}.`;
    throw problems.FOLDER_NOT_WRITABLE({ detail });
  }
}
