import { Session } from 'node:inspector/promises';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Test } from 'tap';

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

/** Files that a walk may have more than its number says, so that a helper moves into a file of its own and no test is edited. */
const SPARE = 1;

/**
 * Asserts how many files somebody opens who follows something through the code. The number only falls.
 * @param ran the files with functions that ran
 * @param most how many they were when the number was last written
 */
export function isWalkOf(t: Test, ran: readonly string[], most: number): void {
  t.ok(ran.length > 0, 'files ran');
  t.ok(
    ran.length <= most + SPARE,
    `${ran.length} files, ${most} when last counted:\n${ran.toSorted().join('\n')}`,
  );
}
