import type { Section } from '../../core/places/section.ts';
import { firstRows } from '../../core/places/section.ts';
import { sectionsMarkdown } from '../../core/places/section-markdown.ts';
import { titleOf } from '../../core/runs/run-words.ts';
import { counted } from '../../lib/text/words.ts';
import type { ToldReport } from './sections.ts';
import { FAILING, sectionsOf, TRUNCATED } from './sections.ts';
import { summaryOf } from './summary.ts';

/** Most rows of one section, for which a number stands then, and of all sections. A report has some 60 lines. */
const MOST = 8;
const MOST_LINES = 40;
/** Most lines of the trace of a failing test. */
const MOST_SEQUENCE = 12;

/**
 * A report as Markdown: one line, all that is new, failing tests with the trace of the first, and the longest tests.
 * @param sequenceOf the sequence of a trace as Mermaid; without it the report has none
 */
export async function renderReport(
  report: ToldReport,
  sequenceOf?: (traceId: string) => Promise<string>,
): Promise<string> {
  const [head, ...sections] = shortSections(report);
  const [first] = report.failing;
  const trace = first && sequenceOf ? folded(await sequenceOf(first.trace_id)) : '';
  const below = sections.map(
    (section) => sectionsMarkdown([section], 3) + (section.title === FAILING ? trace : ''),
  );
  return [sectionsMarkdown([head], 2), ...below].join('\n');
}

/** The title and the line of a report, and its sections with their first rows. */
export function shortSections(report: ToldReport): readonly [Section, ...Section[]] {
  const sections = sectionsOf(report);
  const most = Math.max(2, Math.min(MOST, Math.floor(MOST_LINES / sections.length) - 2));
  const head: Section = {
    title: titleOf(report.run, report.base),
    sentences: [summaryOf(report), ...(report.truncated ? [TRUNCATED] : []), ...placeless(report)],
    rows: [],
  };
  return [head, ...sections.map((section) => firstRows(section, most))];
}

/** How many problems a file for code scanning lacks. */
function placeless({ without_place: count = 0 }: ToldReport): string[] {
  if (count === 0) return [];
  return [
    `${counted(count, 'problem')} without a place in the repository ${count === 1 ? 'is' : 'are'} not in the SARIF file.`,
  ];
}

/** The sequence of a trace, which the reader opens. */
function folded(mermaid: string): string {
  const sequence = mermaid.trimEnd().split('\n');
  const cut = sequence.length > MOST_SEQUENCE ? ['  %% …'] : [];
  return [
    ...['', '<details><summary>The trace of the first</summary>', '', '```mermaid'],
    ...[...sequence.slice(0, MOST_SEQUENCE), ...cut, '```', '', '</details>', ''],
  ].join('\n');
}
