import { harmlessLine, withoutCommands } from '../../../lib/text/harmless-text.ts';
import type { Row, Section } from '../../places/section.ts';
import type { Colours } from './colours.ts';
import { alignedLines } from './terminal-text.ts';

/** Sections for a terminal: tables with cells below each other, else rows with what is known of them and their link below. */
export function sectionsText(sections: readonly Section[], colours: Colours): string {
  const blocks = sections.map(({ title, news, sentences, columns = [], rows }) => {
    const head = [
      colours[news === 'bad' ? 'error' : 'bold'](harmlessLine(title)),
      ...sentences.map(harmlessLine),
    ];
    const isTable = columns.length > 0 && rows.every(({ sign }) => sign === undefined);
    const indent = title === '' ? '' : '  ';
    const lines = isTable
      ? tableLines(columns, rows)
      : rows.flatMap((row, at) => rowLines(row, rows[at + 1], indent, colours));
    const parts = [head.filter((line) => line !== '').join('\n'), lines.join('\n')];
    return parts.filter((part) => part !== '').join(isTable ? '\n\n' : '\n');
  });
  return withoutCommands(`${blocks.join('\n\n')}\n`);
}

function tableLines(columns: readonly string[], rows: readonly Row[]): string[] {
  if (rows.length === 0) return [];
  return alignedLines([columns, ...rows.map(({ cells }) => cells)].map((cells) => cells.map(harmlessLine)));
}

/** A row in lines. Of rows that are a line alone, a link that several have stands below the last one. */
function rowLines(
  { sign, cells, details = [], link }: Row,
  next: Row | undefined,
  indent: string,
  colours: Colours,
): string[] {
  const line = indent + harmlessLine([sign, cells.join(': ')].filter(Boolean).join(' '));
  const below = `${indent}    `;
  const isSaidBelow = details.length === 0 && link === next?.link;
  return [
    sign === '✗' || sign === '?' ? colours.error(line) : line,
    ...details.map((detail) => below + harmlessLine(detail)),
    ...(link === undefined || isSaidBelow ? [] : [below + colours.dim(link)]),
  ];
}
