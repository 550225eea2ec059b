import { rm } from 'node:fs/promises';
import { writeJsonFile } from '../lib/node/json-file.ts';
import { fileErrorWords } from '../lib/text/file-error.ts';
import { problems } from './errors.ts';

/** Writes what a request saves, as {@link writeJsonFile} does. @throws problem FOLDER_NOT_WRITABLE */
export async function saveFile(path: string, value: unknown): Promise<void> {
  await changing(path, writeJsonFile(path, value));
}

/** Removes what a request saved. @throws problem FOLDER_NOT_WRITABLE */
export async function removeFile(path: string): Promise<void> {
  await changing(path, rm(path, { force: true }));
}

async function changing(path: string, change: Promise<void>): Promise<void> {
  try {
    await change;
  } catch (error) {
    const words = fileErrorWords(error);
    if (words === undefined) throw error;
    const detail = `${path} cannot be written: ${words}. Make the file writable, or name another folder in EXPLORER_QUERIES.`;
    throw problems.FOLDER_NOT_WRITABLE({ detail });
  }
}
