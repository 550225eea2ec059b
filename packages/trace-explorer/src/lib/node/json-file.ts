import { randomBytes } from 'node:crypto';
import { rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { problems } from '../../http/errors.ts';
import { fileErrorWords } from '../text/file-error.ts';
import { parseJson } from '../text/parse-json.ts';
import { makeFolders } from './make-folders.ts';
import { readRegular } from './regular-file.ts';

/** Bytes of one file. A person writes far less. */
const MAX_FILE_BYTES = 256 * 1024;

/**
 * The JSON of a file; undefined when there is no file.
 * @throws Error that names the fault of the file, for people
 */
export async function readJsonFile(path: string): Promise<unknown> {
  const text = await readBounded(path);
  if (text === undefined) return undefined;
  try {
    return parseJson(text);
  } catch (error) {
    throw new Error(`is not JSON: ${error instanceof Error ? error.message : error}`);
  }
}

async function readBounded(path: string): Promise<string | undefined> {
  try {
    return await readRegular(path, MAX_FILE_BYTES);
  } catch (error) {
    if (error instanceof Error && 'code' in error && ['ENOENT', 'ENOTDIR'].includes(String(error.code)))
      return undefined;
    throw error;
  }
}

/**
 * Writes a file and the folders above it. The file is replaced as a whole: another process sees the old content or the new one.
 * @throws problem FOLDER_NOT_WRITABLE
 */
export async function writeJsonFile(path: string, value: unknown): Promise<void> {
  await changing(path, async () => {
    makeFolders(dirname(path));
    const unfinished = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}.tmp`);
    try {
      await writeFile(unfinished, `${JSON.stringify(value, null, 2)}\n`, { flag: 'wx', flush: true });
      await rename(unfinished, path);
    } catch (error) {
      await rm(unfinished, { force: true });
      throw error;
    }
  });
}

/** @throws problem FOLDER_NOT_WRITABLE */
export async function removeFile(path: string): Promise<void> {
  await changing(path, () => rm(path, { force: true }));
}

async function changing(path: string, change: () => Promise<void>): Promise<void> {
  try {
    await change();
  } catch (error) {
    const words = fileErrorWords(error);
    if (words === undefined) throw error;
    const detail = `${path} cannot be written: ${words}. Make the file writable, or name another folder in EXPLORER_QUERIES.`;
    throw problems.FOLDER_NOT_WRITABLE({ detail });
  }
}
