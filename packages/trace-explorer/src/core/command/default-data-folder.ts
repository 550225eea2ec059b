import envPaths from 'env-paths';

/** The default folder for data: the platform's own. */
export function dataFolder(): string {
  return envPaths('tandem-trace-explorer', { suffix: '' }).data;
}
