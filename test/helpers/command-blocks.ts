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
  { cwd: ROOT, exclude: ['**/node_modules/**'] },
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
      mark: /^ *<!-- ((?:not run|run by)\b.+) -->$/.exec(before ?? '')?.[1],
    });
    at = end;
  }
  return blocks;
}

/** The commands of a block, without comments and blank lines. */
export function commandsOf({ lines }: Block): string[] {
  return lines.map((line) => line.replace(/(?:^|\s+)#.*$/, '').trim()).filter((line) => line !== '');
}

/** A line without bars, ids, numbers with their units and intervals, and the width of columns: all differ from run to run. Which items a list has is chance, too. */
function shapeOf(line: string): string {
  return line
    .replace(/[▏▎▍▌▋▊▉█]/g, '')
    .replace(/reqId=req-\w+/g, 'reqId=#')
    .replace(/\b[0-9a-f]{16,32}\b|\d(?:[\d,.:]*\d)?/g, '#')
    .replace(/# (?:ns|µs|ms|s)\b/g, '# ms')
    .replace(/# (?:second|minute|hour)s?\b/g, '# minutes')
    .replace(/ \((?:#(?: %)? to #(?: %)?|too few traces)\)/g, '')
    .replace(/^ +- .*$/, '- …')
    .replace(/\s+/g, ' ')
    .replace(/no cause is lost|# causes? would no longer be found/, 'causes')
    .replace(/^# # (?:less|no longer) .*$/, '- …')
    .replace(/^\S+ (?:GET|POST) \S+ #(?: #)+$/, '- …') // a route of a table of figures
    .trim();
}

/** Whether a printed line has the form of a line that a document shows, in which `…` stands for any text. */
export function hasShape(printed: string, shown: string): boolean {
  const [is, wanted] = [shapeOf(printed), shapeOf(shown)];
  const isCut = is.endsWith('…') && wanted.endsWith('…');
  const [shorter = '', longer = ''] = [is.slice(0, -1), wanted.slice(0, -1)].toSorted(
    (a, b) => a.length - b.length,
  );
  if (isCut && longer.startsWith(shorter)) return true;
  const [first = '', ...others] = wanted.split('…');
  if (!is.startsWith(first)) return false;
  let at = first.length;
  for (const part of others) {
    const found = is.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return at === is.length || others.at(-1) === '';
}

/**
 * The lines that a document shows below a block and that its output lacks. Where a process waited for a processor, the machine
 * decides what is said of the time in which it stood still.
 */
export function linesNotPrinted(shown: Block, output: string): string[] {
  const printed = unwrapped(output.split('\n'));
  const isBusy = printed.some((line) => line.includes(' waited for a processor'));
  return unwrapped(shown.lines).filter(
    (line) =>
      line.trim() !== '' &&
      !(isBusy && line.includes(' stood still for ')) &&
      !printed.some((each) => hasShape(each, line)),
  );
}

/** Lines in which what is wrong with a trace (`! …`) is one line each: where it is wrapped depends on its figures. */
function unwrapped(lines: readonly string[]): string[] {
  const whole: string[] = [];
  for (const line of lines) {
    const last = whole.at(-1) ?? '';
    if (last.startsWith('! ') && /^[^!✗\s]/.test(line)) whole[whole.length - 1] = `${last} ${line}`;
    else whole.push(line);
  }
  return whole;
}
