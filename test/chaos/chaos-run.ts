import { readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { PARTS } from '../../scripts/lib/chaos/faults/index.ts';
import type { TestProcess } from '../helpers/processes.ts';

/** The names of all faults. */
export const FAULTS = PARTS.flatMap(({ faults }) => faults.map(({ name }) => name));

/** The first row of a fault, of which the last cell is the command. */
export function verdictsOf(file: string): Map<string, string> {
  const rows = readFileSync(file, 'utf8').matchAll(/^\| `([\w-]+)` \|.*`node tandem chaos ([^`]+)` \|$/gm);
  return new Map(Array.from(rows, ([row, name = '']) => [name, row]));
}

/** Folders of a run that are there. */
export function foldersOf({ child }: TestProcess): string[] {
  return readdirSync(tmpdir()).filter((name) => name.startsWith(`tandem-chaos-${child.pid}-`));
}
