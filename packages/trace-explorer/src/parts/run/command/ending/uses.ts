import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { quoted } from '../../../../lib/text/words.ts';
import type { Seen } from '../watch.ts';

/** What the command's processes wrote down of themselves; nothing without a process of Node. */
export function readUses(path: string): Seen[] {
  try {
    const lines = readFileSync(path, 'utf8').split('\n');
    return lines.filter((line) => line !== '').map((line): Seen => JSON.parse(line));
  } catch {
    return [];
  }
}

/** A process, by the file that it runs. */
export function fileOf(file: string): string {
  return file === '' ? 'node' : quoted(basename(file));
}
