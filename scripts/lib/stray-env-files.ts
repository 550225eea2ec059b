import { globSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseEnv } from 'node:util';

/** A file that looks like `.env` and that nothing reads. */
export interface StrayEnvFile {
  /** From the folder of `.env`. */
  readonly file: string;
  /** Its variables, without empty ones. */
  readonly names: readonly string[];
}

/** Names by editors and habit: `.env.txt`, `.env.local`, `env`. direnv's `.envrc` is something else. */
const LOOKS_LIKE_ENV = /^\.?env(?:\..+)?$/i;
const READ_OR_MEANT = new Set(['.env', '.env.example']);

/**
 * Files beside `.env`, or in the folders of services and packages, where other projects have theirs. Here one file serves
 * all processes, so a variable in another file has no effect.
 *
 * @param path of the `.env` that is read
 */
export function findStrayEnvFiles(path: string): StrayEnvFile[] {
  const folder = dirname(path);
  const files = [
    ...readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isFile() && LOOKS_LIKE_ENV.test(entry.name) && !READ_OR_MEANT.has(entry.name))
      .map(({ name }) => name),
    ...globSync('{services,packages}/*/.env', { cwd: folder }),
  ];
  return files.toSorted().flatMap((file) => {
    const names = namesIn(join(folder, file));
    return names.length === 0 ? [] : [{ file: file.replaceAll('\\', '/'), names }];
  });
}

function namesIn(path: string): string[] {
  try {
    const set = Object.entries(parseEnv(readFileSync(path, 'utf8')));
    return set.flatMap(([name, value]) => (value ? [name] : []));
  } catch {
    return []; // not ours, perhaps unreadable
  }
}
