import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parts } from '../../../packages/trace-explorer/src/parts.ts';
import { ROOT } from '../root.ts';
import { code, table } from './table.ts';

export const PARTS_PATH = 'docs/reference/parts.md';
/** The folder of the explorer's parts. */
const PARTS_FOLDER = 'packages/trace-explorer/src/parts/';

/** What the docstring of a part's door says. */
export interface PartWords {
  readonly name: string;
  /** What it answers, for whom, and what it costs. */
  readonly answers: string;
  /** The sentence that begins with "Without it". */
  readonly without: string;
}

/** The words of each part, in the order of the menu. */
export function wordsOfParts(): PartWords[] {
  return parts.map(({ name }) => {
    const door = readFileSync(join(ROOT, PARTS_FOLDER, name, 'part.ts'), 'utf8');
    const [, comment = ''] = /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\nexport const part\b/.exec(door) ?? [];
    const text = comment.replaceAll(/\s*\n \*/g, '').trim();
    const [answers = '', without = ''] = text.split(/ (?=Without it )/);
    return { name, answers, without };
  });
}

/** The table of docs/reference/parts.md: all parts of the explorer. */
export function partTable(): string {
  const needs = new Map(parts.map((part) => [part.name, part.needs ?? []]));
  const rows = wordsOfParts().map(({ name, answers, without }) => [
    code(name),
    answers,
    needs.get(name)?.map(code).join(' ') ?? '',
    without,
  ]);
  return table(['Part', 'What it answers, and for whom', 'Needs', 'What would be lost'], rows);
}
