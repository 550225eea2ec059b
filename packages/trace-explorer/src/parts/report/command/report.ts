import { appendFileSync } from 'node:fs';
import { annotations } from '../../../core/command/annotations.ts';
import { readRequest } from '../../../core/command/arguments.ts';
import type { ExplorerClient } from '../../../core/command/client/explorer-client.ts';
import { CALL, CliError, DEFAULT_URL } from '../../../core/command/client/explorer-client.ts';
import { fileProblem } from '../../../core/command/files/file-problem.ts';
import { askAbout } from '../../../core/command/files/run-file.ts';
import { gate } from '../../../core/command/gate.ts';
import { lastRunHere } from '../../../core/command/last-run.ts';
import { chooseColours } from '../../../core/command/terminal/colours.ts';
import { showProgress } from '../../../core/command/terminal/progress.ts';
import { renderMermaid } from '../../../core/command/terminal/render-mermaid.ts';
import { sectionsText } from '../../../core/command/terminal/section-text.ts';
import { timesOf } from '../../../core/command/times.ts';
import type { CommandContext } from '../../../core/door/node.ts';
import { titledMarkdown } from '../../../core/places/section-markdown.ts';
import { harmlessJson, harmlessLine } from '../../../lib/text/harmless-text.ts';
import { searchOf } from '../../../lib/text/search-of.ts';
import { renderReport } from '../markdown-report.ts';
import { runsSections } from '../runs-sections.ts';
import type { SectionName } from '../sections.ts';
import { changesIn } from '../sections.ts';
import type { FlakyTest, RunsCompared } from '../server/flaky/schemas.ts';
import type { RunReport } from '../server/schemas.ts';
import { reportText } from './report-text.ts';

/** Exit code. */
const CHANGED = 1;

/** The values of `--fail-on`: the section that each looks into, and what has to be compared for it. */
const FAILURES: Readonly<Record<string, readonly [of: SectionName, compared: Compared]>> = {
  'new-causes': ['causes', 'causes'],
  'more-calls': ['calls', 'calls'],
  'new-dependencies': ['dependencies', undefined],
  slower: ['slower', 'times'],
};
type Compared = keyof NonNullable<RunReport['not_compared']> | undefined;
/** Times are compared where the processor time of both runs differs by a smaller share. */
const SAME_WORK = 0.2;
const KINDS = Object.keys(FAILURES);

const USAGE = `Says what a run did, and what changed against another run: causes, calls, dependencies, tests. As Markdown, where standard
output is no terminal.

  ${CALL} report [RUN]     a file of run --save, or the id or name of a run that the explorer has (default: the last of this folder)
  --base RUN          the run to compare with; two files, or two stored ones
  --runs N            instead of that: the tests whose outcome differs between the newest N runs of the commit (2 to 100)
  --json              every figure as JSON
  --fail-on KINDS     exit code 1 for one of ${KINDS.join(', ')}
  --url URL           where the explorer is (default: ${DEFAULT_URL})

In GitHub Actions the report also stands in the job's summary, and flaky tests are warnings at their lines. Exit code 0: it wrote the report. 1: --fail-on found
something. 2: a run cannot be read, or --fail-on had nothing to compare.
`;

/** Writes the report of a run. @throws CliError with exit code 2 when a run or the explorer cannot be read */
export const reportCommand = gate(run);

async function run(args: readonly string[], { withFiles }: CommandContext): Promise<void> {
  const text = { type: 'string' } as const;
  const options = { base: text, runs: text, json: { type: 'boolean' }, 'fail-on': text } as const;
  const { values, positionals, client } = readRequest(args, USAGE, options);
  const { base, runs, json = false, 'fail-on': failOn = '' } = values;
  const [head = lastRunHere()?.id, more] = positionals;
  if (more !== undefined) throw new CliError(`Name one run.\n\n${USAGE}`);
  if (head === undefined)
    throw new CliError(
      `No run began in this folder. Begin one: ${CALL} run -- COMMAND. Or name a run.\n\n${USAGE}`,
    );
  if (positionals.length === 0 && base === head)
    throw new CliError(
      `--base ${base} is the last run of this folder, which would be reported. Name the run.`,
    );
  const kinds = failOn.split(',').filter((kind) => kind !== '');
  const wrong = kinds.find((kind) => !Object.hasOwn(FAILURES, kind));
  if (wrong !== undefined)
    throw new CliError(`--fail-on takes ${KINDS.join(', ')}, not ${JSON.stringify(wrong)}.`);
  if (kinds.length > 0 && base === undefined)
    throw new CliError('--fail-on compares with another run. Name it: --base RUN.');
  if (runs !== undefined) {
    if (base !== undefined || failOn !== '') throw new CliError('--runs takes neither --base nor --fail-on.');
    return showRuns(client, head, timesOf('--runs', runs), json);
  }
  const report = await askAbout(withFiles, client, [head, base], (from, ids, processorMs) =>
    show(from, ids, processorMs, json),
  );
  const { changes, not_compared = {} } = report;
  const lacks = kinds.flatMap((kind) => {
    const why = not_compared[FAILURES[kind]?.[1] ?? ('' as never)];
    return why === undefined ? [] : [`--fail-on ${kind} had nothing to compare: ${why}.`];
  });
  // Fewer calls are no failure.
  const isFound = (kind: string) =>
    changesIn(changes ?? [], FAILURES[kind]?.[0] ?? ('' as never)).some(({ how }) => how !== 'fewer');
  if (kinds.some(isFound)) process.exitCode = CHANGED;
  else if (lacks.length > 0) throw new CliError(lacks.join('\n'));
}

/** Writes the report of a run, which may have a base. */
async function show(
  client: ExplorerClient,
  [head, base]: readonly (string | undefined)[],
  [ms = 1, baseMs = ms]: readonly (number | undefined)[],
  json: boolean,
): Promise<RunReport> {
  const endProgress = showProgress(() => 'report: the explorer reads the run');
  const [more, less] = [Math.max(ms, baseMs), Math.min(ms, baseMs)];
  const times = more > less && more - less >= SAME_WORK * more ? 'false' : undefined;
  const report = await client
    .ask<RunReport>(`/api/report?${searchOf({ run: head, base, times })}`)
    .finally(endProgress);
  const markdown = await renderReport(report, async (id) => renderMermaid(await client.model(id)));
  const said = process.stdout.isTTY ? reportText(report, chooseColours()) : markdown;
  process.stdout.write(json ? `${harmlessJson(report)}\n` : said);
  addToSummary(markdown);
  warnOf(report.flaky ?? []);
  return report;
}

/** Writes which tests have another outcome in some of the newest runs of a commit. */
async function showRuns(client: ExplorerClient, run: string, count: number, json: boolean): Promise<void> {
  const endProgress = showProgress(() => 'report: the explorer reads the runs');
  const compared = await client
    .ask<RunsCompared>(`/api/flaky?${searchOf({ run, count })}`)
    .finally(endProgress);
  const sections = runsSections(compared);
  const markdown = titledMarkdown(sections);
  const said = process.stdout.isTTY ? sectionsText(sections, chooseColours()) : markdown;
  process.stdout.write(json ? `${harmlessJson(compared)}\n` : said);
  addToSummary(markdown);
  warnOf(compared.unsteady);
}

/** A warning at the line of each test, where GitHub's runner reads them: on standard error, as the report may be kept in a file. */
function warnOf(tests: readonly Pick<FlakyTest, 'test' | 'sentence' | 'file' | 'line'>[]): void {
  const places = tests.flatMap(({ test, sentence, file, line }) =>
    file === undefined ? [] : [{ file, line, what: harmlessLine(`${test} is flaky: ${sentence}`) }],
  );
  process.stderr.write(annotations(places, process.env));
}

function addToSummary(markdown: string): void {
  const { GITHUB_STEP_SUMMARY: summary } = process.env;
  if (summary) addTo(summary, markdown);
}

/** @throws CliError where the job's summary cannot be written */
function addTo(path: string, markdown: string): void {
  try {
    appendFileSync(path, `${markdown}\n`);
  } catch (error) {
    throw fileProblem(path, error, 'written');
  }
}
