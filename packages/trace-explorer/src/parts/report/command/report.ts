import { appendFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { annotations } from '../../../core/command/annotations.ts';
import { readRequest } from '../../../core/command/arguments.ts';
import type { ExplorerClient } from '../../../core/command/client/explorer-client.ts';
import { CALL, CliError, DEFAULT_URL } from '../../../core/command/client/explorer-client.ts';
import { fileProblem } from '../../../core/command/files/file-problem.ts';
import type { KeptRun } from '../../../core/command/files/run-file.ts';
import { askAbout } from '../../../core/command/files/run-file.ts';
import type { RunPlace } from '../../../core/command/files/run-place.ts';
import { placeOfRun } from '../../../core/command/files/run-place.ts';
import { writeWhole } from '../../../core/command/files/whole-file.ts';
import { gate } from '../../../core/command/gate.ts';
import { lastRunHere } from '../../../core/command/last-run.ts';
import { chooseColours } from '../../../core/command/terminal/colours.ts';
import { showProgress } from '../../../core/command/terminal/progress.ts';
import { renderMermaid } from '../../../core/command/terminal/render-mermaid.ts';
import { sectionsText } from '../../../core/command/terminal/section-text.ts';
import { timesOf } from '../../../core/command/times.ts';
import type { CommandContext } from '../../../core/door/node.ts';
import { titledMarkdown } from '../../../core/places/section-markdown.ts';
import type { Accepted } from '../../../core/problems/file/accepted.ts';
import { readAccepted } from '../../../core/problems/file/known-here.ts';
import { withOwnFiles, withRepositoryFiles } from '../../../core/problems/file/own-files.ts';
import { maskedIn } from '../../../core/redaction/masked.ts';
import { placeText } from '../../../core/traces/model/code-place.ts';
import { harmlessJson, harmlessLine, withoutCommands } from '../../../lib/text/harmless-text.ts';
import { searchOf } from '../../../lib/text/search-of.ts';
import { counted, formatCount } from '../../../lib/text/words.ts';
import { renderReport } from '../markdown-report.ts';
import { runsSections } from '../runs-sections.ts';
import type { SectionName, ToldReport } from '../sections.ts';
import { changesIn } from '../sections.ts';
import type { ReportedProblem } from '../server/compare/change.ts';
import type { RunsCompared } from '../server/flaky/schemas.ts';
import { judgedReport, toldOf, unknownCauses } from '../server/judged.ts';
import type { RunReport } from '../server/schemas.ts';
import { reportText } from './report-text.ts';
import type { SarifLog } from './sarif.ts';
import { sarifOf } from './sarif.ts';
import { flakyPlaces } from './verdict/flaky-lines.ts';

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
/** The value of `--fail-on` that needs no base. */
const UNKNOWN = 'unknown-causes';
const KINDS = [...Object.keys(FAILURES), UNKNOWN];
/** Unknown problems that are named. */
const MOST_NAMED = 100;

const USAGE = `Says what a run did, and what changed against another run: causes, calls, dependencies, tests. As Markdown, where standard
output is no terminal.

  ${CALL} report [RUN]     a file of run --save, or the id or name of a run that the explorer has (default: the last of this folder)
  --base RUN          the run to compare with; two files, or two stored ones
  --runs N            instead of that: the tests whose outcome differs between the newest N runs of the commit (2 to 100)
  --json              every figure as JSON
  --sarif FILE        writes the problems with a place in the repository as SARIF 2.1.0, for code scanning
  --fail-on KINDS     exit code 1 for one of ${KINDS.join(', ')}
  --known FILE        the problems that the project has accepted (default: its tandem-known.json); none for no file
  --url URL           where the explorer is (default: ${DEFAULT_URL})

In GitHub Actions the report also stands in the job's summary, and flaky tests are warnings at their lines; with an empty
GITHUB_STEP_SUMMARY neither. Exit code 0: it wrote the report. 1: --fail-on found something. 2: a run or the file of known
problems cannot be read, or --fail-on had nothing to compare.
`;

/** Writes the report of a run. @throws CliError with exit code 2 when a run or the explorer cannot be read */
export const reportCommand = gate(run);

async function run(args: readonly string[], { withFiles }: CommandContext): Promise<void> {
  const text = { type: 'string' } as const;
  const options = {
    base: text,
    runs: text,
    json: { type: 'boolean' },
    'fail-on': text,
    known: text,
    sarif: text,
  } as const;
  const { values, positionals, client } = await readRequest(args, USAGE, options, {
    most: 1,
    meant: ['--base'],
  });
  const { base, runs, json = false, 'fail-on': failOn = '' } = values;
  const [head = lastRunHere()?.id] = positionals;
  if (head === undefined)
    throw new CliError(
      `No run began in this folder. Begin one: ${CALL} run -- COMMAND. Or name a run.\n\n${USAGE}`,
    );
  if (positionals.length === 0 && base === head)
    throw new CliError(
      `--base ${base} is the last run of this folder, which would be reported. Name the run.`,
    );
  const kinds = failOn.split(',').filter((kind) => kind !== '');
  const wrong = kinds.find((kind) => !KINDS.includes(kind));
  if (wrong !== undefined)
    throw new CliError(`--fail-on takes ${KINDS.join(', ')}, not ${JSON.stringify(wrong)}.`);
  if (runs !== undefined) {
    if (base !== undefined || failOn !== '') throw new CliError('--runs takes neither --base nor --fail-on.');
    return showRuns(client, head, timesOf('--runs', runs), json);
  }
  const compared = kinds.find((kind) => kind !== UNKNOWN);
  if (compared !== undefined && base === undefined)
    throw new CliError(`--fail-on ${compared} compares with another run. Name it: --base RUN.`);
  const accepted = await readAccepted(process.cwd(), values.known);
  const report = await askAbout(withFiles, client, [head, base], async (from, ids, kept) =>
    show(from, ids, kept, {
      json,
      accepted,
      sarif: values.sarif,
      isGate: kinds.includes(UNKNOWN),
      ...(await placeOfRun(from, ids[0], kept[0])),
    }),
  );
  const unknown = kinds.includes(UNKNOWN) ? unknownCauses(report) : [];
  if (unknown.length > 0) process.stderr.write(unknownLines(unknown, accepted?.name));
  if (kinds.includes(UNKNOWN) && report.causes.length === 0 && report.asked?.length === 0)
    throw new CliError(`--fail-on ${UNKNOWN} had nothing to look at: the run has no request.`);
  const { changes, not_compared = {} } = report;
  const lacks = kinds.flatMap((kind) => {
    const why = not_compared[FAILURES[kind]?.[1] ?? ('' as never)];
    return why === undefined ? [] : [`--fail-on ${kind} had nothing to compare: ${why}.`];
  });
  // Fewer calls are no failure.
  const isFound = (kind: string) =>
    FAILURES[kind] !== undefined &&
    changesIn(changes ?? [], FAILURES[kind][0]).some(({ how }) => how !== 'fewer');
  if (unknown.length > 0 || kinds.some(isFound)) process.exitCode = CHANGED;
  else if (lacks.length > 0) throw new CliError(lacks.join('\n'));
}

/** How a report is shown, and what the project has accepted. */
interface Shown extends RunPlace {
  readonly json: boolean;
  readonly accepted: Accepted | undefined;
  /** Whether unknown problems are looked for. */
  readonly isGate: boolean;
  /** A file for code scanning. */
  readonly sarif: string | undefined;
}

/** The problems that nobody has accepted, a line each. */
function unknownLines(unknown: readonly ReportedProblem[], file = 'tandem-known.json'): string {
  const named = unknown.slice(0, MOST_NAMED).map((cause) => {
    const line = placeText(cause);
    return `  ${harmlessLine(cause.sentence)}${line === '' ? '' : ` (${harmlessLine(line)})`}`;
  });
  const more = unknown.length - named.length;
  const last = more > 0 ? [`  and ${formatCount(more)} more`] : [];
  return withoutCommands(
    `${counted(unknown.length, 'problem')} not in ${harmlessLine(file)}:\n${[...named, ...last].join('\n')}\n`,
  );
}

/** Writes the report of a run, which may have a base. */
async function show(
  client: ExplorerClient,
  [head, base]: readonly (string | undefined)[],
  [{ processorMs: ms = 1, exitCode } = {}, { processorMs: baseMs = ms } = {}]: readonly Partial<KeptRun>[],
  { json, accepted, place, folder, isGate, sarif }: Shown,
): Promise<RunReport> {
  const endProgress = showProgress(() => 'report: the explorer reads the run');
  const [more, less] = [Math.max(ms, baseMs), Math.min(ms, baseMs)];
  const times = more > less && more - less >= SAME_WORK * more ? 'false' : undefined;
  const sightings = accepted !== undefined || isGate || sarif !== undefined ? true : undefined;
  const answer = await client
    .ask<RunReport>(`/api/report?${searchOf({ run: head, base, times, sightings })}`)
    .finally(endProgress);
  const { run, ...rest } = maskedIn(answer);
  const told = { run: { ...run, ...(exitCode !== undefined && { exit_code: exitCode }) }, ...rest };
  const marked = accepted ? judgedReport(told, accepted, place) : told;
  const scanned = sarif === undefined ? undefined : sarifOf(marked, accepted, place, folder);
  if (sarif !== undefined && scanned !== undefined) await writeSarif(sarif, scanned.log);
  const own = withOwnFiles(toldOf(marked, accepted, place), folder);
  const report: ToldReport = {
    ...withRepositoryFiles(own, place),
    ...(scanned && { without_place: scanned.without }),
  };
  const markdown = await renderReport(report, async (id) => renderMermaid(await client.model(id)));
  const said = process.stdout.isTTY ? reportText(report, chooseColours()) : markdown;
  process.stdout.write(json ? `${harmlessJson(report)}\n` : said);
  addToSummary(markdown);
  warnOf(own.flaky ?? []);
  return withRepositoryFiles(withOwnFiles(marked, folder), place);
}

/** Writes which tests have another outcome in some of the newest runs of a commit. */
async function showRuns(client: ExplorerClient, run: string, count: number, json: boolean): Promise<void> {
  const endProgress = showProgress(() => 'report: the explorer reads the runs');
  const compared = await client
    .ask<RunsCompared>(`/api/flaky?${searchOf({ run, count })}`)
    .then(maskedIn)
    .finally(endProgress);
  const sections = runsSections(compared);
  const markdown = titledMarkdown(sections);
  const said = process.stdout.isTTY ? sectionsText(sections, chooseColours()) : markdown;
  process.stdout.write(json ? `${harmlessJson(compared)}\n` : said);
  addToSummary(markdown);
  warnOf(compared.unsteady);
}

/**
 * A warning at the line of each test, where GitHub's runner reads them: on standard error, as the report may be kept in a file.
 * A job that empties the summary's variable has had its report, and with it the warnings.
 */
function warnOf(tests: Parameters<typeof flakyPlaces>[0]): void {
  if (process.env.GITHUB_STEP_SUMMARY !== '')
    process.stderr.write(annotations(flakyPlaces(tests), process.env));
}

function addToSummary(markdown: string): void {
  const { GITHUB_STEP_SUMMARY: summary } = process.env;
  if (summary) addTo(summary, markdown);
}

/** @throws CliError where the file cannot be written */
async function writeSarif(path: string, log: SarifLog): Promise<void> {
  await writeWhole(path, (part) => writeFile(part, `${harmlessJson(log)}\n`)).catch((error: unknown) => {
    throw fileProblem(path, error, 'written');
  });
}

/** @throws CliError where the job's summary cannot be written */
function addTo(path: string, markdown: string): void {
  try {
    appendFileSync(path, `${markdown}\n`);
  } catch (error) {
    throw fileProblem(path, error, 'written');
  }
}
