import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { dataFolder } from './default-data-folder.ts';

/** The last run of a folder, or of a command in it. */
export interface LastRun {
  readonly id: string;
  /** When the command was asked to stop, in seconds since the epoch. */
  readonly stopped?: number | undefined;
  /** Where its explorer keeps the data; undefined where nobody has written that down. */
  readonly folder?: string | undefined;
}

/**
 * Keeps what the last run of this folder was, and of this command in it. In the user's own folder for data, because nothing of
 * the run itself may tell a path of the machine, and because not each folder has node_modules.
 * @param command without its secrets
 * @returns whether it could be written down
 */
export function keepLastRun(run: LastRun, command: string): boolean {
  try {
    for (const path of [pathHere(), pathHere(command)]) {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, JSON.stringify(run));
    }
    return true;
  } catch {
    return false; // changes nothing of the command's end
  }
}

/** The last run of this folder, or of a command in it; undefined where none is known. */
export function lastRunHere(command?: string): LastRun | undefined {
  try {
    return JSON.parse(readFileSync(pathHere(command), 'utf8'));
  } catch {
    return undefined;
  }
}

function pathHere(command = ''): string {
  const place = command === '' ? process.cwd() : JSON.stringify([process.cwd(), command]);
  return join(dataFolder(), 'last-runs', createHash('sha256').update(place).digest('hex'));
}
