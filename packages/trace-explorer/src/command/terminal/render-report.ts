import type { ReportedCause, RouteChange, RunReport } from '../../report/report.ts';
import { formatDuration } from '../../shared/format-duration.ts';
import { counted } from '../../shared/words.ts';
import { markdownText } from './terminal-text.ts';

/** Most lines of one list. The others are counted. */
const MOST = 8;
/** Most failing tests that are shown with their trace. */
const MOST_FAILING = 3;

/** What a report says beside its figures. */
interface Options {
  /** What the runs were: `npm test, a1b2c3d (main)`. */
  readonly head: string;
  readonly base: string | undefined;
  /** The sequence of a trace as Mermaid. */
  readonly sequenceOf: (traceId: string) => Promise<string>;
}

/** A report as Markdown: one line, what is new, failing tests with their traces, and the longest tests. */
export async function renderReport(report: RunReport, { head, base, sequenceOf }: Options): Promise<string> {
  const title = `## ${markdownText(head)}${base === undefined ? '' : ` compared with ${markdownText(base)}`}`;
  return [
    title,
    '',
    summaryOf(report),
    '',
    ...(report.truncated ? ['Only the first 20,000 traces were read.', ''] : []),
    ...(base === undefined ? causesOf('Causes', report.causes) : changesOf(report)),
    ...(await failingTests(report, sequenceOf)),
    ...longestTests(report),
  ].join('\n');
}

/** The one line: what is new, and the tests. */
function summaryOf(report: RunReport): string {
  const { new_causes, gone_causes, more_calls, slower, by_chance } = report;
  const routes = new Set(more_calls.map(({ service, route }) => `${service} ${route}`));
  const late = slower.length + by_chance.length;
  const changes =
    report.base === undefined
      ? [counted(report.causes.length, 'cause')]
      : [
          `${counted(new_causes.length, 'new cause')}, ${gone_causes.length} gone`,
          routes.size === 0
            ? 'no route calls more'
            : `${counted(routes.size, 'route')} ${routes.size === 1 ? 'calls' : 'call'} more`,
          late === 0 ? 'nothing is slower than chance' : `${late} slower`,
        ];
  return `${[...changes, testsOf(report)].join('; ')}.`;
}

/** `212 tests, 3 failed; 40 made requests`. */
export function testsOf({ tests, failed, with_requests }: RunReport): string {
  return tests === 0
    ? 'no tests'
    : `${counted(tests, 'test')}, ${failed} failed; ${with_requests} made requests`;
}

function changesOf(report: RunReport): string[] {
  const { new_dependencies, renamed_routes, scores } = report;
  const names = (tests: readonly string[]) => tests.map((test) => markdownText(test));
  return [
    ...causesOf('New causes', report.new_causes),
    ...causesOf('Gone', report.gone_causes),
    ...list('Calls per request', report.more_calls.map(changeLine)),
    ...list('Slower', [...report.slower, ...report.by_chance].map(changeLine)),
    ...list(
      'New dependencies',
      new_dependencies.map(
        ({ service, target }) => `${markdownText(service)} now calls ${markdownText(target)}`,
      ),
    ),
    ...list(
      'Renamed routes',
      renamed_routes.map(({ from, to }) => `${markdownText(from)} is now ${markdownText(to)}`),
    ),
    ...list(
      'Telemetry’s score',
      scores.map(({ service, base, head }) => `${markdownText(service)} ${base} → ${head}`),
    ),
    ...list('New tests', names(report.new_tests)),
    ...list('Tests that are gone', names(report.gone_tests)),
    ...list('Newly failing', names(report.newly_failing)),
    ...list('Mended', names(report.mended)),
  ];
}

function causesOf(title: string, causes: readonly ReportedCause[]): string[] {
  const line = ({ sentence, route, test, advice = '' }: ReportedCause) =>
    [
      markdownText(sentence),
      ...(route === '' ? [] : [` in ${markdownText(route)}`]),
      ...(test === undefined ? [] : [`, shown by ${markdownText(test)}`]),
      advice === '' ? '.' : `. ${markdownText(advice)}`,
    ].join('');
  return list(title, causes.map(line));
}

function changeLine({ route, sentence, test }: RouteChange): string {
  return `${markdownText(route)}: ${markdownText(sentence)}${test === undefined ? '' : `, in ${markdownText(test)}`}`;
}

function list(title: string, lines: readonly string[]): string[] {
  if (lines.length === 0) return [];
  const rest = lines.length > MOST ? [`- and ${lines.length - MOST} more`] : [];
  return [`### ${title}`, '', ...lines.slice(0, MOST).map((line) => `- ${line}`), ...rest, ''];
}

async function failingTests(
  { failing }: RunReport,
  sequenceOf: (traceId: string) => Promise<string>,
): Promise<string[]> {
  if (failing.length === 0) return [];
  const parts = await Promise.all(
    failing
      .slice(0, MOST_FAILING)
      .map(async ({ test, message, trace_id }) => [
        `- ${markdownText(test)}: ${markdownText(message)}`,
        '',
        '<details><summary>Its trace</summary>',
        '',
        '```mermaid',
        (await sequenceOf(trace_id)).trimEnd(),
        '```',
        '',
        '</details>',
        '',
      ]),
  );
  const rest = failing
    .slice(MOST_FAILING)
    .map(({ test, message }) => `${markdownText(test)}: ${markdownText(message)}`);
  return ['### Failing tests', '', ...parts.flat(), ...list('Further failing tests', rest)];
}

function longestTests({ longest }: RunReport): string[] {
  const lines = longest.map(({ test, ms, own_ms, database_ms, http_ms, waiting_ms }) => {
    const parts = [
      ['own', own_ms],
      ['SQL', database_ms],
      ['HTTP', http_ms],
      ['waiting', waiting_ms],
    ] as const;
    const where = parts
      .filter(([, each]) => each >= 0.5)
      .map(([name, each]) => `${name} ${formatDuration(each)}`);
    return `${markdownText(test)}: ${formatDuration(ms)}${where.length === 0 ? '' : ` (${where.join(', ')})`}`;
  });
  return list('Longest tests', lines);
}
