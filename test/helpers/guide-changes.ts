import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Block } from './command-blocks.ts';
import { parseBlocks } from './command-blocks.ts';
import { ROOT } from './processes.ts';

/** The section of a chapter that asks for a change. */
export interface GuideChange {
  /** `01-first-waterfall`; where a chapter has a change in several sections, with the section: `09-other-backends: Rollbar`. */
  readonly chapter: string;
  readonly text: string;
  /** The file that the section links to, from the workspace's root; undefined when the change is none of a file. */
  readonly file: string | undefined;
  /** The section's first block: how the file is to be changed, or the lines for `.env`. */
  readonly block: Block | undefined;
}

/** What the chapters of the guide ask for in "Change one line" (or another thing); a chapter that asks for nothing has an empty text. */
export function guideChanges(): GuideChange[] {
  return globSync('docs/guide/*-*.md', { cwd: ROOT })
    .toSorted()
    .flatMap((path) => {
      const sections = readFileSync(join(ROOT, path), 'utf8').split(/^## /m);
      const chapter = basename(path, '.md');
      const found = sections.flatMap((section) => {
        const [first = '', ...below] = section.split(/^### /m);
        if (isChange(first)) return [changeOf(path, chapter, first)];
        return below.filter(isChange).map((text) => changeOf(path, `${chapter}: ${titleOf(first)}`, text));
      });
      return found.length > 0 ? found : [changeOf(path, chapter, '')];
    });
}

function isChange(section: string): boolean {
  return section.startsWith('Change one ');
}

function titleOf(section: string): string {
  return section.split('\n', 1)[0] ?? '';
}

function changeOf(path: string, chapter: string, text: string): GuideChange {
  const [, file] = /\]\(\.\.\/\.\.\/((?:services|packages|honeycomb|deploy)\/[^)]+)\)/.exec(text) ?? [];
  return { chapter, text, file, block: parseBlocks(path, text)[0] };
}

/**
 * Changes a file as a block of kind diff says.
 * @throws Error when the file has no such place, or more than one
 */
export function applyChange(file: string, { lines, place }: Block): void {
  const side = (leftOut: string) =>
    lines
      .filter((line) => !line.startsWith(leftOut))
      .map((line) => `${line.slice(1)}\n`)
      .join('');
  const parts = readFileSync(file, 'utf8').split(side('+'));
  if (parts.length !== 2)
    throw new Error(`${place}: ${file} has ${parts.length - 1} of these places, not one.`);
  writeFileSync(file, parts.join(side('-')));
}

/** The variables of a block of kind env. */
export function variablesOf({ lines }: Block): Record<string, string> {
  return Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );
}
