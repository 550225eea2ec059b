import { randomBytes } from 'node:crypto';
import { rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
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
 * @throws Error of the file system
 */
export async function writeJsonFile(path: string, value: unknown): Promise<void> {
  makeFolders(dirname(path));
  const unfinished = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}.tmp`);
  try {
    await writeFile(unfinished, `${JSON.stringify(value, null, 2)}\n`, { flag: 'wx', flush: true });
    await rename(unfinished, path);
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  }
}
