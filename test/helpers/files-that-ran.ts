import { Session } from 'node:inspector/promises';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/** V8's counts of this process. */
export interface FileRecorder {
  /** The files with functions that ran since the last call, in the order of their first run. */
  filesThatRan(): Promise<string[]>;
  stop(): void;
}

/**
 * Begins to record which files' functions run in this process.
 * @param folder what the files are named relative to
 * @param own which of these names count
 */
export async function recordFiles(folder: string, own: RegExp): Promise<FileRecorder> {
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false });
  return {
    async filesThatRan() {
      const { result } = await session.post('Profiler.takePreciseCoverage');
      return result
        .filter(
          ({ url, functions }) =>
            url.startsWith('file:') && functions.some(({ ranges }) => (ranges[0]?.count ?? 0) > 0),
        )
        .map(({ url }) => relative(folder, fileURLToPath(url)))
        .filter((file) => own.test(file));
    },
    stop: () => session.disconnect(),
  };
}
