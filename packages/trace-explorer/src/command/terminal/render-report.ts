import { titleOf } from '../../places/run-words.ts';
import type { ReportPart } from '../../report/report-parts.ts';
import { failingPart, longestPart, partsOf, summaryOf } from '../../report/report-parts.ts';
import type { RunReport } from '../../report/schemas.ts';
import { markdownText } from './terminal-text.ts';

/** Most lines of one list. A number stands for the others. */
const MOST = 8;
/** Most lines of all lists about changes, and most of failing tests with their traces. A report has some 60 lines. */
const MOST_LINES = 30;
const MOST_FAILING = 3;
const MOST_SEQUENCE = 12;

type Sequence = (traceId: string) => Promise<string>;

/**
 * A report as Markdown: one line, all that is new, failing tests with their traces, and the longest tests.
 * @param sequenceOf the sequence of a trace as Mermaid
 */
export async function renderReport(report: RunReport, sequenceOf: Sequence): Promise<string> {
  const parts = partsOf(report);
  const most = Math.max(2, Math.min(MOST, Math.floor(MOST_LINES / Math.max(1, parts.length)) - 2));
  return [
    `## ${markdownText(titleOf(report.run, report.base))}`,
    '',
    summaryOf(report),
    '',
    ...(report.truncated
      ? ['Not all was read: a report reads 20,000 traces, each with at most 20,000 spans.', '']
      : []),
    ...parts.flatMap((part) => list(part, most)),
    ...(await failingTests(report, sequenceOf)),
    ...list(longestPart(report), MOST),
  ].join('\n');
}

function list({ title, lines }: ReportPart, most: number): string[] {
  if (lines.length === 0) return [];
  const rest = lines.length > most ? [`- and ${lines.length - most} more`] : [];
  const shown = lines.slice(0, most).map(({ say }) => `- ${say(markdownText)}`);
  return [`### ${title}`, '', ...shown, ...rest, ''];
}

/** Each failing test with its trace; equal traces once. */
async function failingTests(report: RunReport, sequenceOf: Sequence): Promise<string[]> {
  const [first] = report.failing;
  if (first === undefined) return [];
  const sequence = (await sequenceOf(first.trace_id)).trimEnd().split('\n');
  const cut = sequence.length > MOST_SEQUENCE ? ['  %% …'] : [];
  return [
    ...list(failingPart(report), MOST_FAILING),
    ...['<details><summary>The trace of the first</summary>', '', '```mermaid'],
    ...[...sequence.slice(0, MOST_SEQUENCE), ...cut, '```', '', '</details>', ''],
  ];
}
