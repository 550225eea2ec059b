import { stat } from 'node:fs/promises';

/** What a file or folder is called by its file system, whatever its name; empty where there is none. */
export async function identityOf(path: string): Promise<string> {
  const { dev, ino } = await stat(path, { bigint: true }).catch(() => ({ dev: '', ino: '' }));
  return `${dev}:${ino}`;
}
