import { stat } from 'node:fs/promises';
import { fileGone } from '../store-error.ts';

/** What a file or folder is called by its file system, whatever its name; empty where there is none. */
export async function identityOf(path: string): Promise<string> {
  const { dev, ino } = await stat(path, { bigint: true }).catch(() => ({ dev: '', ino: '' }));
  return `${dev}:${ino}`;
}

/** @throws STORE_GONE where a file that was opened does not have its name any more */
export async function assertThere(path: string, identity: string): Promise<void> {
  if ((await identityOf(path)) !== identity) throw fileGone(path);
}
