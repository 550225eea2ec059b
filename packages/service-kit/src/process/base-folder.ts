import { basename, dirname, resolve } from 'node:path';

/**
 * An absolute path. A relative one begins at the folder that has `services`: services start in folders of their own, and
 * share one data folder beside them. Anywhere else it begins at the working directory.
 */
export function fromBase(path: string, workingDirectory = process.cwd()): string {
  const isService = basename(dirname(workingDirectory)) === 'services';
  return resolve(isService ? dirname(dirname(workingDirectory)) : workingDirectory, path);
}
