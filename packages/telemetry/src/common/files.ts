import type { Stats } from 'node:fs';
import fs from 'node:fs';

// Nothing that telemetry asks of a disk may end its host: a path may be missing, closed to this user, or refused by
// `--permission`, where even the question whether it exists throws. Members of `fs` are called as they are now, because Yarn's
// Plug'n'Play replaces them.

/** The text of a file as UTF-8; undefined for one that is not there, or that this process may not read. Never throws. */
export function textOf(path: string): string | undefined {
  return unlessRefused(() => fs.readFileSync(path, 'utf8'));
}

/** What a path is; undefined for one that is not there, or that this process may not ask about. Never throws. */
export function statusOf(path: string): Stats | undefined {
  return unlessRefused(() => fs.statSync(path, { throwIfNoEntry: false }));
}

/** A path without links; undefined for one that is not there, or that this process may not ask about. Never throws. */
export function realPathOf(path: string): string | undefined {
  return unlessRefused(() => fs.realpathSync(path));
}

function unlessRefused<T>(ask: () => T): T | undefined {
  try {
    return ask();
  } catch {
    return undefined;
  }
}
