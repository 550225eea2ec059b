import { accessSync, chmodSync, constants } from 'node:fs';
import { ConfigError, withoutKeys } from '@tandem/service-kit/http';
import { fileErrorWords } from './file-error.ts';
import { makeFolders } from './make-folders.ts';

/** Characters of a path that a message repeats. */
const MAX_QUOTED = 200;

/**
 * Makes a folder below DATA_DIR, with those above it, for its owner alone; takes away the rights of other users to one that
 * is there.
 * @throws ConfigError naming DATA_DIR, the path that is in the way, and why it is
 */
export function makePrivateDataFolder(path: string): void {
  try {
    makeFolders(path, 0o700);
    accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK);
    chmodSync(path, 0o700);
  } catch (error) {
    const { path: failed = path } = error as NodeJS.ErrnoException;
    throw new ConfigError(
      'DATA_DIR',
      `DATA_DIR cannot be used: ${quoted(failed)}: ${withoutKeys(fileErrorWords(error) ?? String(error))}. Set DATA_DIR to a folder that this user may write to.`,
    );
  }
}

function quoted(path: string): string {
  const harmless = withoutKeys(path);
  return harmless.length > MAX_QUOTED ? `${harmless.slice(0, MAX_QUOTED)}…` : harmless;
}
