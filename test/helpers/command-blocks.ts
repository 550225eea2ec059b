import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './processes.ts';

/** A fenced block of a document. */
export interface Block {
  /** `README.md:12`, the line of its first fence. */
  readonly place: string;
  /** The word behind the fence; empty when there is none. */
  readonly language: string;
  readonly lines: readonly string[];
  /** The text of an HTML comment in the line before the block (blank lines between are skipped); undefined without one. */
  readonly mark: string | undefined;
}

/** The documents with commands that people type. */
export const DOCUMENTS = globSync(
  ['*.md', 'docs/**/*.md', '{packages,services}/*/*.md', 'examples/**/*.md'],
  { cwd: ROOT, exclude: ['**/node_modules/**', '**/THIRD-PARTY.md'] },
).toSorted();

/** All fenced blocks of a document (CommonMark, section 4.5), also those inside lists. */
export function blocksOf(document: string): Block[] {
  return parseBlocks(document, readFileSync(join(ROOT, document), 'utf8'));
}

/** The blocks of a text. @param name is used for places in messages */
export function parseBlocks(name: string, text: string): Block[] {
  const blocks: Block[] = [];
  const lines = text.split('\n');
  for (let at = 0; at < lines.length; at++) {
    const [, indent, language] = /^( *)```(\w*)\s*$/.exec(lines[at] ?? '') ?? [];
    if (indent === undefined || language === undefined) continue;
    const end = lines.findIndex((line, index) => index > at && line.trim() === '```');
    const before = lines.slice(0, at).findLast((line) => line.trim() !== '');
    blocks.push({
      place: `${name}:${at + 1}`,
      language,
      lines: lines.slice(at + 1, end).map((line) => line.slice(indent.length)),
      mark: /^ *<!-- (.+) -->$/.exec(before ?? '')?.[1],
    });
    at = end;
  }
  return blocks;
}

/** The commands of a block, without comments and blank lines. */
export function commandsOf({ lines }: Block): string[] {
  return lines.map((line) => line.replace(/(?:^|\s+)#.*$/, '').trim()).filter((line) => line !== '');
}
