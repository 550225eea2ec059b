import { basename, dirname, resolve } from 'node:path';

/**
 * Makes a path absolute. In a service's folder, a relative path starts at the folder above `services`, so that all services
 * share one data folder. Anywhere else it starts at the working directory.
 */
export function fromBase(path: string, workingDirectory = process.cwd()): string {
  const isService = basename(dirname(workingDirectory)) === 'services';
  return resolve(isService ? dirname(dirname(workingDirectory)) : workingDirectory, path);
}
