import { accessSync, chmodSync, constants } from 'node:fs';
import { ConfigError, withoutKeys } from '@tandem/service-kit/http';
import { fileErrorWords } from '../text/file-error.ts';
import { makeFolders } from './make-folders.ts';

/** Characters of a path in a message. */
const MAX_QUOTED = 200;

/**
 * Makes a folder below DATA_DIR, and the folders above it, for its owner alone. Removes other users' rights to an existing
 * folder.
 * @throws ConfigError that names DATA_DIR, the path at fault and the reason
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
