import { existsSync, realpathSync, statSync } from 'node:fs';
import { isAbsolute, join, relative, sep } from 'node:path';
import { isAbsoluteFile } from '../../traces/model/code-place.ts';
import { rootOf } from './find-file.ts';
import { repositoryPath } from './repository-path.ts';

/** A name alone is that of many files. */
const LEAST_PARTS = 2;

/**
 * What an explorer answers, with files of the repository as the folder sees them. Senders that know no folder name a file whole, and in
 * a container by another path: then its longest end that is in the repository is the file. What is nowhere in it stays as it is.
 * @param folder of the run, which must be there; without it everything stays
 */
export function withOwnFiles<T>(answer: T, folder: string | undefined): T {
  if (folder === undefined) return answer;
  const found = new Map<string, string>();
  const told = (file: string) => {
    const own = found.get(file) ?? seenFrom(folder, file);
    found.set(file, own);
    return own;
  };
  return withFiles(answer, isAbsoluteFile, told) as T;
}

/**
 * What somebody reads, with the files of code beside the run's folder, as in a workspace, as the repository sees them.
 * @param place of the folder in its repository; without it everything stays
 */
export function withRepositoryFiles<T>(answer: T, place: string | undefined): T {
  if (place === undefined) return answer;
  return withFiles(
    answer,
    (file) => file.startsWith('../'),
    (file) => repositoryPath(file, place) ?? file,
  ) as T;
}

function withFiles(
  value: unknown,
  isMeant: (file: string) => boolean,
  told: (file: string) => string,
): unknown {
  if (Array.isArray(value)) return value.map((item) => withFiles(item, isMeant, told));
  if (typeof value !== 'object' || value === null) return value;
  const { file } = value as { readonly file?: unknown };
  const isFound = typeof file === 'string' && isMeant(file);
  const own = isFound ? told(file) : '';
  // A sentence that says the place says the one of its problem.
  return Object.fromEntries(
    Object.entries(value).map(([name, part]) => [
      name,
      isFound && typeof part === 'string' ? part.replaceAll(file, own) : withFiles(part, isMeant, told),
    ]),
  );
}

function seenFrom(folder: string, file: string): string {
  const root = rootOf(folder) ?? folder;
  try {
    const path = existsSync(file) ? within(file, root) : endWithin(file, [folder, root]);
    return path === undefined ? file : relative(folder, path).split(sep).join('/');
  } catch {
    return file; // nobody may read it
  }
}

/** The path of a file that is below a folder, from there, though one of them is named by a link. */
function within(file: string, root: string): string | undefined {
  const ways = [relative(root, file), relative(realpathSync(root), realpathSync(file))];
  const way = ways.find((each) => each !== '..' && !each.startsWith(`..${sep}`) && !isAbsolute(each));
  return way === undefined ? undefined : join(root, way);
}

/** The file that the longest end of a path names, from one of some folders. */
function endWithin(file: string, folders: readonly string[]): string | undefined {
  const parts = file.split(/[\\/]+/).filter((part) => part !== '');
  if (parts.includes('..')) return undefined;
  for (let at = 1; at <= parts.length - LEAST_PARTS; at++)
    for (const folder of folders) {
      const path = join(folder, ...parts.slice(at));
      if (statSync(path, { throwIfNoEntry: false })?.isFile()) return path;
    }
  return undefined;
}
