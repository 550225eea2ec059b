import { titleOf } from '../../core/runs/run-words.ts';
import { markdownText } from '../../core/shared/harmless-text.ts';
import type { ReportPart } from './report-parts.ts';
import { FAILING, partsOf, summaryOf, TRUNCATED } from './report-parts.ts';
import type { RunReport } from './server/schemas.ts';

/** Most lines of one list, for which a number stands then, and of all lists. A report has some 60 lines. */
const MOST = 8;
const MOST_LINES = 40;
/** Most lines of the trace of a failing test. */
const MOST_SEQUENCE = 12;

/**
 * A report as Markdown: one line, all that is new, failing tests with the trace of the first, and the longest tests.
 * @param sequenceOf the sequence of a trace as Mermaid; without it the report has none
 */
export async function renderReport(
  report: RunReport,
  sequenceOf?: (traceId: string) => Promise<string>,
): Promise<string> {
  const parts = partsOf(report);
  const most = Math.max(2, Math.min(MOST, Math.floor(MOST_LINES / parts.length) - 2));
  const [first] = report.failing;
  const trace = first && sequenceOf ? folded(await sequenceOf(first.trace_id)) : [];
  return [
    `## ${markdownText(titleOf(report.run, report.base))}`,
    '',
    summaryOf(report),
    '',
    ...(report.truncated ? [TRUNCATED, ''] : []),
    ...parts.flatMap((part) => [...list(part, most), ...(part.title === FAILING ? trace : [])]),
  ].join('\n');
}

function list({ title, lines }: ReportPart, most: number): string[] {
  const rest = lines.length > most ? [`- and ${lines.length - most} more`] : [];
  const shown = lines.slice(0, most).map(({ say }) => `- ${say(markdownText)}`);
  return [`### ${title}`, '', ...shown, ...rest, ''];
}

/** The sequence of a trace, which the reader opens. */
function folded(mermaid: string): string[] {
  const sequence = mermaid.trimEnd().split('\n');
  const cut = sequence.length > MOST_SEQUENCE ? ['  %% …'] : [];
  return [
    ...['<details><summary>The trace of the first</summary>', '', '```mermaid'],
    ...[...sequence.slice(0, MOST_SEQUENCE), ...cut, '```', '', '</details>', ''],
  ];
}
