import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { nodeParts } from '../../../packages/trace-explorer/src/parts.node.ts';
import { FIRST_LOAD_KB } from '../../../packages/trace-explorer/testing/first-load.ts';
import { ROOT } from '../../../tools/root.ts';
import { code, table } from './table.ts';

export const PARTS_PATH = 'docs/reference/parts.md';
/** Every part, in the order of the menu. */
const parts = nodeParts.map(({ part }) => part);
/** The folder of the explorer's parts. */
const PARTS_FOLDER = 'packages/trace-explorer/src/parts/';

/** What the docstring of a part's door says. */
interface PartWords {
  readonly name: string;
  /** What it answers, for whom, and what it costs. */
  readonly answers: string;
  /** The sentence that begins with "Without it". */
  readonly without: string;
}

/** The words of each part, in the order of the menu. */
function wordsOfParts(): PartWords[] {
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
    firstLoadOf(name),
    needs.get(name)?.map(code).join(' ') ?? '',
    without,
  ]);
  const heads = ['Part', 'What it answers, and for whom', 'First load', 'Needs', 'What would be lost'];
  return table(heads, rows);
}

/** What a browser loads before it shows each view of a part, gzipped. */
function firstLoadOf(name: string): string {
  const views = Object.keys(parts.find((part) => part.name === name)?.views ?? {});
  return views.map((view) => `${view} ${FIRST_LOAD_KB[view]} KB`).join(', ');
}
