import { markdownText, withoutCommands } from '../../lib/text/harmless-text.ts';
import type { Row, Section } from './section.ts';
import { measuredText } from './section.ts';

/**
 * Sections as Markdown, in which every text stays text: tables where rows have columns, else lists.
 * @param level of their headings
 */
export function sectionsMarkdown(sections: readonly Section[], level: number): string {
  const blocks = sections.flatMap((section) => [
    section.title === '' ? '' : `${'#'.repeat(level)} ${markdownText(section.title)}`,
    section.sentences.map(markdownText).join('\n'),
    (section.columns === undefined ? section.rows.map(item) : table(section.columns, section.rows)).join(
      '\n',
    ),
  ]);
  return withoutCommands(blocks.flatMap((block) => (block === '' ? [] : `${block}\n`)).join('\n'));
}

/** The same with the first section as the title of the others. */
export function titledMarkdown([first, ...others]: readonly [Section, ...Section[]]): string {
  const below = others.length === 0 ? '' : `\n${sectionsMarkdown(others, 3)}`;
  return sectionsMarkdown([first], 2) + below;
}

function item(row: Row): string {
  const { sign, measured, details = [] } = row;
  // What has a figure before says both in its sentence.
  const took = measured?.before === undefined && measured ? [measuredText(measured.now, measured.unit)] : [];
  const said = [[...cellsOf(row), ...took].join(': '), ...details.map(markdownText)].join(' · ');
  return `- ${sign === undefined ? '' : `${sign} `}${said}`;
}

function table(columns: readonly string[], rows: readonly Row[]): string[] {
  if (rows.length === 0) return [];
  const hasSigns = rows.some(({ sign }) => sign !== undefined);
  const line = (cells: readonly string[]) =>
    `|${cells.map((cell) => (cell === '' ? ' ' : ` ${cell} `)).join('|')}|`;
  const head = [...(hasSigns ? [''] : []), ...columns];
  const body = rows.map((row) => {
    const cells = cellsOf(row);
    const last = [cells.at(-1) ?? '', ...(row.details ?? []).map(markdownText)].join('<br>');
    return [...(hasSigns ? [row.sign ?? ''] : []), ...cells.slice(0, -1), last];
  });
  return [head, head.map(() => '---'), ...body].map(line);
}

/** The cells of a row; the first one leads to what shows it. */
function cellsOf({ cells, link }: Row): string[] {
  const [first = '', ...others] = cells.map(markdownText);
  return [link === undefined ? first : `[${first}](<${link}>)`, ...others];
}
