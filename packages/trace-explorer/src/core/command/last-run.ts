import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { dataFolder } from './default-data-folder.ts';

/**
 * Keeps the id of the last run of this folder, and of this command in it. In the user's own folder for data, because nothing of
 * the run itself may tell a path of the machine, and because not each folder has node_modules. Without such a folder nothing is
 * kept.
 * @param command without its secrets
 */
export function keepLastRun(id: string, command: string): void {
  try {
    for (const path of [pathHere(), pathHere(command)]) {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, id);
    }
  } catch {} // changes nothing of the command's end
}

/** The id of the last run of this folder, or of a command in it; undefined where none is known. */
export function lastRunHere(command?: string): string | undefined {
  try {
    return readFileSync(pathHere(command), 'utf8');
  } catch {
    return undefined;
  }
}

function pathHere(command = ''): string {
  const place = command === '' ? process.cwd() : JSON.stringify([process.cwd(), command]);
  return join(dataFolder(), 'last-runs', createHash('sha256').update(place).digest('hex'));
}
