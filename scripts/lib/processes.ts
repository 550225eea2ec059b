import { relative } from 'node:path';
import { styleText } from 'node:util';
import { endWithThisProcess } from './end-with-this-process.ts';
import type { ProcessSpec } from './run-process.ts';
import type { Supervised } from './supervise.ts';
import { supervise } from './supervise.ts';
import { watchPaths } from './watch-paths.ts';

export interface Group {
  /** Resolves when every process is ready; rejects, naming the process, when one ends or fails before. */
  readonly ready: Promise<void>;
  /** Resolves with an exit code when, all having been ready, one has ended and is not started again. */
  readonly ended: Promise<number>;
  /**
   * Stops every process, the last one first, as its open requests may need those before it: SIGTERM, and SIGKILL after
   * `graceMs`.
   */
  stop(graceMs?: number): Promise<void>;
}

const COLORS = ['cyan', 'yellow', 'magenta'] as const;

/**
 * Starts the processes, each of which may need those before it, and prints their output, each line behind the name of
 * its process. They stop when this process ends, whatever ends it. Those whose files are watched are started again when
 * one changes, or when they have ended.
 */
export function startGroup(
  specs: readonly ProcessSpec[],
  print: (prefix: string, line: string) => void,
): Group {
  const outlived = endWithThisProcess();
  const width = Math.max(...specs.map((spec) => spec.name.length));
  const processes: Supervised[] = [];
  const noteProcesses = () => outlived.set(processes.flatMap(({ pid }) => pid ?? []));
  for (const [index, spec] of specs.entries()) {
    const prefix = styleText(COLORS[index % COLORS.length] ?? 'cyan', `${spec.name.padEnd(width)} │ `);
    const supervised = supervise(spec, {
      print: (line) => print(prefix, line),
      say: (line) => print(prefix, styleText('bold', line)),
      onStart: noteProcesses,
    });
    processes.push(supervised);
    noteProcesses(); // after each: this process may end before the next one is started
  }
  const watches = specs.flatMap(({ watched = [], directory }, index) =>
    watched.length === 0
      ? []
      : watchPaths(watched, (path) => processes[index]?.restart(`${relative(directory, path)} changed`)),
  );
  const ready = Promise.all([
    ...processes.map(async (each, index) => {
      const problem = await each.ready;
      if (problem !== undefined) throw new Error(`${specs[index]?.name} ${problem}`);
    }),
    // A file that changes before its watcher is ready would go unseen.
    ...watches.map((each) => each.ready),
  ]).then(() => undefined);
  return {
    ready,
    ended: ready.then(
      async () => (await Promise.race(processes.map(({ ended }) => ended))).code,
      () => new Promise(() => {}),
    ),
    async stop(graceMs = 10_000) {
      await Promise.all(watches.map((each) => each.close()));
      for (const each of processes.toReversed()) await each.stop(graceMs);
      outlived.release();
    },
  };
}
