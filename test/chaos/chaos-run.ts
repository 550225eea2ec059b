import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import type { TestProcess } from '../helpers/processes.ts';

/** Folders of a run that are there. */
export function foldersOf({ child }: TestProcess): string[] {
  return readdirSync(tmpdir()).filter((name) => name.startsWith(`tandem-chaos-${child.pid}-`));
}
