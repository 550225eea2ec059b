import { randomUUID } from 'node:crypto';
import { env } from 'node:process';

/** An execution of a file of tests by a runner that watches the files, and runs them again as they change. */
export interface Execution {
  readonly id: string;
  /** What tells apart tests that have one name in one file: the project, or the test itself. */
  readonly group?: string | undefined;
}

/** An execution that begins. */
export function newExecution(more: Omit<Execution, 'id'> = {}): Execution {
  return { id: randomUUID(), ...more };
}

/** Node sets it for a process that it starts again as files change: with `--watch`, and with `--test --watch`. */
const ofProcess = env.WATCH_REPORT_DEPENDENCIES ? newExecution() : undefined;

/** The execution that a whole process is, where Node watches. A runner that watches by itself has several in a process. */
export function processExecution(more?: Omit<Execution, 'id'>): Execution | undefined {
  return ofProcess && { ...ofProcess, ...more };
}
