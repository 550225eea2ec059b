import envPaths from 'env-paths';

/** Where data is kept, unless the user names a folder: the platform's own folder for it. */
export function dataFolder(): string {
  return envPaths('tandem-trace-explorer', { suffix: '' }).data;
}
