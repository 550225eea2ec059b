import promises from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import type { Test } from 'tap';

/**
 * Does something right after it was looked whether the disk has room, and before the store's file is written.
 * @returns a function after which it is not done any more
 */
export function afterNextLook(t: Test, task: () => void): () => void {
  const { statfs } = promises;
  const restore = () => {
    Reflect.set(promises, 'statfs', statfs);
    syncBuiltinESMExports();
  };
  t.teardown(restore);
  Reflect.set(promises, 'statfs', async (path: string) => {
    const found = await statfs(path);
    restore();
    task();
    return found;
  });
  syncBuiltinESMExports();
  return restore;
}
