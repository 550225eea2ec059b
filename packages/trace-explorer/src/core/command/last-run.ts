import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { dataFolder } from './data-folder.ts';

/**
 * Keeps the id of the last run of this folder for `report`. In the user's own folder for data, because nothing of the run
 * itself may tell a path of the machine, and because not each folder has node_modules. Without such a folder nothing is kept.
 */
export function keepLastRun(id: string): void {
  try {
    mkdirSync(dirname(pathHere()), { recursive: true });
    writeFileSync(pathHere(), id);
  } catch {} // changes nothing of the command's end
}

/** The id of the last run of this folder; undefined where none is known. */
export function lastRunHere(): string | undefined {
  try {
    return readFileSync(pathHere(), 'utf8');
  } catch {
    return undefined;
  }
}

function pathHere(): string {
  return join(dataFolder(), 'last-runs', createHash('sha256').update(process.cwd()).digest('hex'));
}
