import { alignedLines } from '../../../core/command/terminal/terminal-text.ts';
import { harmlessLine, markdownText } from '../../../core/shared/harmless-text.ts';
import { sectionsOf, summaryOf } from '../sampling-sections.ts';
import type { SamplingReport } from '../server/schemas.ts';

interface Options {
  readonly markdown: boolean;
  readonly compare: boolean;
}

/** Rows of a table here; --json has all. */
const SHOWN = 10;

/** The events that rules keep, cost and lose, as plain text or Markdown. */
export function renderSampling(report: SamplingReport, { markdown, compare }: Options): string {
  const safe = markdown ? markdownText : harmlessLine;
  const sections = [summaryOf(report), ...(compare ? [] : report.trials.flatMap(sectionsOf))];
  const parts = sections.flatMap(({ title, sentences, columns, rows }, at) => {
    const table = [columns, ...rows.slice(0, SHOWN).map(({ cells }) => cells)].map((row) => row.map(safe));
    const lines = markdown ? markdownLines(table) : alignedLines(table);
    return [
      markdown ? `${at === 0 ? '##' : '###'} ${safe(title)}` : safe(title),
      sentences.map(safe).join('\n'),
      rows.length === 0 ? '' : lines.join('\n'),
    ];
  });
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

function markdownLines([head = [], ...rows]: readonly (readonly string[])[]): string[] {
  return [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`);
}
