import { posix } from 'node:path';

/**
 * A file as its repository sees it, with `/`; undefined for one that is outside, or a package's, or no file of this machine.
 * @param file as a folder sees it
 * @param place of that folder in its repository: `packages/shop`, `.` for the root
 */
export function repositoryPath(file: string, place: string): string | undefined {
  const told = file.replaceAll('\\', '/');
  if (told.startsWith('/') || /^[A-Za-z]:|^[\w+.-]+:\/\//.test(told)) return undefined;
  const path = posix.join(place, told);
  return /^\.\.(?:\/|$)|(?:^|\/)node_modules\//.test(path) ? undefined : path;
}
