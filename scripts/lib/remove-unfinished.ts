import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { isAlive } from './is-alive.ts';

/** Output of a run that is under way: `NAME-PID.tap`. */
const UNFINISHED = /-(\d+)\.tap$/;

/** Removes the output of runs that were killed: whose process is gone. @param directory the folder of all runs' output */
export function removeUnfinished(directory: string): void {
  for (const name of readdirSync(directory)) {
    const [, pid] = UNFINISHED.exec(name) ?? [];
    if (pid !== undefined && !isAlive(Number(pid))) rmSync(join(directory, name), { force: true });
  }
}
