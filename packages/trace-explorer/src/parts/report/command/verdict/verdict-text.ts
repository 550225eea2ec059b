import type { Terminal } from '../../../../core/command/terminal/terminal.ts';
import { plainLetters } from '../../../../core/command/terminal/terminal.ts';
import { columnsOf, indented } from '../../../../core/command/terminal/terminal-text.ts';
import { countText, shareText } from '../../../../core/problems/units.ts';
import { failureOf } from '../../../../core/runs/exit-code.ts';
import { BY_A_PROFILE, WITH_A_PROFILE } from '../../../../core/traces/findings/words.ts';
import type { CodePlace } from '../../../../core/traces/model/code-place.ts';
import { placeText } from '../../../../core/traces/model/code-place.ts';
import { formatDuration } from '../../../../lib/text/format-duration.ts';
import { harmlessLine } from '../../../../lib/text/harmless-text.ts';
import { counted, formatCount, listed, quoted } from '../../../../lib/text/words.ts';
import type { EndedRun } from '../../../run/contributions.ts';
import type { Verdict, VerdictProblem } from '../../server/verdict/schemas.ts';
import { flakyLines } from './flaky-lines.ts';
import { routeLines } from './route-lines.ts';

/** Problems that are told. */
const MOST = 3;
/** Most characters of a sentence, and of a test's name. */
const [LONGEST, LONGEST_TEST] = [300, 100];
const WAITED = 'waited for a processor';
/** Columns of a stream that breaks no lines, for what stands at the right. */
const USUAL_COLUMNS = 96;

interface Ended extends Pick<EndedRun, 'program' | 'exitCode' | 'profiling'> {
  /** What is said of the problems that the project has accepted, which the verdict lacks; empty for none. */
  readonly known?: string;
}

/** What is wrong with a run, for a person, or what came of it. */
export function verdictText(verdict: Verdict, ended: Ended, terminal: Terminal): string {
  const { gone } = verdict;
  const { colours, columns } = terminal;
  const [facts, problems] = partition(verdict.causes, ({ fact }) => fact === true);
  const first = [...problems, ...facts].slice(0, MOST);
  const profiling = first.some(isUnknown) ? (ended.profiling ?? '') : '';
  const shown = first.flatMap((cause) => linesOf(profiling === '' ? cause : withoutProfile(cause), terminal));
  const rest = verdict.causes.length - MOST;
  const failure = problems.some(({ rule }) => rule === 'test') ? '' : failureOf(ended);
  const { known = '' } = ended;
  const [head = '', ...more] = headOf(verdict, problems, failure !== '', known !== '', ended.program);
  const lines = [
    ...(failure === '' ? [] : indented(failure, [0, 2], columns)),
    beside(head, newsOf(verdict), terminal),
    ...more.flatMap((line) => indented(line, [0, 2], columns)),
    ...shown,
    ...(rest > 0 ? [colours.dim(`  … and ${formatCount(rest)} more`)] : []),
    ...(known === '' ? [] : [colours.dim(`  ${clean(known)}`)]),
    ...(profiling === '' ? [] : indented(`Which function ran: ${clean(profiling)}`, [2, 4], columns)),
    ...flakyLines(verdict.flaky ?? [], terminal),
    ...gone.slice(0, MOST).flatMap((sentence) => indented(`Gone: ${clean(sentence)}`, [2, 4], columns)),
    ...(head.includes(WAITED) ? [] : delayedLines(verdict, columns)),
    ...routeLines(verdict, terminal),
  ];
  const text = lines.join('\n');
  return terminal.hasSigns ? text : plainLetters(text);
}

/** One line about a cause, for the time in which the programs run. */
export function causeLine(cause: VerdictProblem, { hasSigns, colours }: Terminal): string {
  const [sign, where] = [signOf(cause), codePlaceText(cause)];
  const line = `${colours[cause.failure ? 'error' : 'warning'](sign)} ${clean(cause.sentence)}${where && ` (${where})`}`;
  return hasSigns ? line : plainLetters(line);
}

/** How many problems, or that none was found; of a command that nobody asked, its calls. @param hasFailed of the command: the line before says why */
function headOf(
  verdict: Verdict,
  problems: readonly VerdictProblem[],
  hasFailed: boolean,
  hasKnown: boolean,
  program: string,
): string[] {
  const { requests, messages, tests, failed, causes } = verdict;
  if (causes.length === 0 && requests + messages === 0 && tests === undefined) return bareLines(verdict);
  const units = `${unitsOf(verdict)}${hasFailed ? ' before that' : ''}`;
  const answers = `${units}${tests === undefined ? refusedOf(verdict) : ''}`;
  const passed = tests && testsOf(tests, program);
  const count = problems.filter(({ rule }) => rule !== 'test').length;
  const told =
    count > 0
      ? `${counted(count, 'problem')} in ${answers}`
      : `${answers}${failed > 0 ? `, ${formatCount(failed)} failed` : ''}`;
  if (problems.length > 0 || failed > 0) return [[passed, told].filter(Boolean).join('; ')];
  // What stands below is told as a fact: nothing else wrong would make it a fault.
  const wrong = hasKnown && causes.length === 0 ? 'nothing else wrong' : 'nothing wrong';
  if (passed !== undefined) {
    const whose = (tests?.ran ?? tests?.passed) === 1 ? 'its' : 'their';
    return [`${passed}; ${wrong} found in ${whose} ${units}`];
  }
  return [healthyLine(verdict, answers, hasFailed, wrong)];
}

/** A run in which nothing wrong was found. It says *found*: rules do not name all that can be wrong. */
function healthyLine(verdict: Verdict, answers: string, hasFailed: boolean, wrong: string): string {
  const { requests, messages, delayed, only_first, routes, causes } = verdict;
  const isOne = requests + messages === 1;
  const them = isOne ? 'it' : 'them';
  if (delayed > 0)
    return `${answers}, ${isOne ? 'which' : `${formatCount(delayed)} of which`} ${WAITED}: nothing is said about ${timeOf(delayed)}. Nothing ${causes.length > 0 ? '' : 'else '}wrong was found in ${them}.`;
  const found = hasFailed
    ? `${answers}, ${wrong} found in ${them}`
    : `N${wrong.slice(1)} found in ${answers}`;
  if (!only_first) return found;
  return `${found}. The first one of ${routes?.length === 1 ? 'a' : 'each'} route is not judged by its time.`;
}

function testsOf(
  { ran, passed = 0, failed, flaky = 0 }: NonNullable<Verdict['tests']>,
  program: string,
): string {
  const unsteady =
    flaky === 0 ? '' : (ran ?? passed) === 1 ? ' and is flaky' : `, ${formatCount(flaky)} of them flaky`;
  if (ran !== undefined)
    return `${counted(ran, 'test')} ran${unsteady}, none known to have failed, though ${quoted(program)} says otherwise`;
  return `${counted(passed, 'test')} passed${unsteady}${failed === 0 ? '' : `, ${formatCount(failed)} failed`}`;
}

/** What came of a command that nobody asked: the calls that it made. */
function bareLines({ traces, calls }: Verdict): string[] {
  const { made = 0, failed = 0, failure = '', to = [], slowest_ms } = calls ?? {};
  const place = calls?.file === undefined ? '' : ` (${quoted(codePlaceText(calls))})`;
  const failures = failed === 0 ? '' : `, ${counted(failed, 'call')} failed: ${clean(failure)}${place}`;
  const refusals = calls && calls.refused > 0 ? `, ${formatCount(calls.refused)} answered with 4xx` : '';
  const slowest =
    slowest_ms === undefined
      ? ''
      : made === 1
        ? ` in ${formatDuration(slowest_ms)}`
        : `, the slowest ${formatDuration(slowest_ms)}`;
  const out = `${counted(made, 'call')} to ${listed(to.map((callee) => quoted(callee)))}${slowest}${refusals}${failures}`;
  return [made === 0 ? counted(traces, 'trace') : out, 'No request came in, so there is nothing to compare.'];
}

/** On a busy machine a run is silent about time, and says of how many requests. */
function delayedLines({ delayed, requests, messages }: Verdict, columns?: number): string[] {
  if (delayed === 0) return [];
  const all = requests + messages;
  const unit = messages > 0 ? 'message' : 'request';
  const isMixed = requests > 0 && messages > 0;
  const of = isMixed ? `${formatCount(all)} requests and messages` : counted(all, unit);
  const who = all === 1 ? `The ${unit}` : `${formatCount(delayed)} of ${of}`;
  return indented(`${who} ${WAITED}, so nothing is said about ${timeOf(delayed)}.`, [0, 2], columns);
}

function timeOf(delayed: number): string {
  return `${delayed === 1 ? 'its' : 'their'} time`;
}

/** `the newest 5,000 of 6,001 requests` where not all were read. */
function unitsOf(verdict: Verdict): string {
  const { truncated, read } = verdict;
  return truncated && read !== undefined
    ? `the newest ${formatCount(read)} of ${allUnitsOf(verdict)}`
    : allUnitsOf(verdict);
}

function allUnitsOf({ requests, messages, traces, sampled }: Verdict): string {
  const of = (unit: string) => (sampled ? `sampled ${unit}` : unit);
  const units = [
    ...(requests > 0 ? [counted(requests, of('request'))] : []),
    ...(messages > 0 ? [counted(messages, of('message'))] : []),
  ];
  return units.length === 0 ? counted(traces, of('trace')) : listed(units);
}

function refusedOf({ refused, refused_with = '4xx' }: Verdict): string {
  return refused === 0 ? '' : `, ${formatCount(refused)} answered ${quoted(refused_with)}`;
}

function newsOf({ causes, gone }: Verdict): string {
  const fresh = causes.filter((cause) => cause.new).length;
  const news = [
    ...(fresh > 0 ? [`${formatCount(fresh)} new`] : []),
    ...(gone.length > 0 ? [`${formatCount(gone.length)} gone`] : []),
  ];
  return news.length === 0 ? '' : `${news.join(', ')} since the last run`;
}

/** A line with something at its right, or below where there is no room. */
function beside(left: string, right: string, { columns, colours }: Terminal): string {
  const room = (columns ?? USUAL_COLUMNS) - columnsOf(left) - columnsOf(right);
  const first = indented(left, [0, 2], columns).map(colours.bold).join('\n');
  if (right === '') return first;
  return room > 1 ? `${first}${' '.repeat(room)}${right}` : `${first}\n  ${right}`;
}

function linesOf(cause: VerdictProblem, { columns, colours }: Terminal): string[] {
  const paint = cause.fact ? colours.dim : colours[cause.failure ? 'error' : 'warning'];
  const [first = '', ...rest] = indented(clean(cause.sentence), [4, 4], columns);
  const advice = cause.advice === undefined ? '' : clean(cause.advice);
  const details = [codePlaceText(cause), shareOf(cause), advice].filter((part) => part !== '').join(' · ');
  return [
    `  ${paint(signOf(cause))} ${first.trimStart()}`,
    ...rest,
    ...(details === '' ? [] : indented(details, [6, 6], columns).map(colours.dim)),
  ];
}

/** Whether a profile would say which function ran. */
function isUnknown({ advice = '' }: VerdictProblem): boolean {
  return advice.endsWith(WITH_A_PROFILE) || advice.endsWith(BY_A_PROFILE);
}

/** A cause without what its advice says of a profile: the whole command stands below. */
function withoutProfile({ advice, ...cause }: VerdictProblem): VerdictProblem {
  return { ...cause, ...(advice !== undefined && { advice: advice.replace(WITH_A_PROFILE, '') }) };
}

/** A fact has no sign of a fault. */
function signOf({ failure, fact }: VerdictProblem): string {
  return fact ? '·' : failure ? '✗' : '!';
}

/** `src/orders.js:48 in placeOrder` */
function codePlaceText({ function: called, ...at }: Partial<CodePlace>): string {
  if (at.file === undefined) return '';
  return clean(`${placeText(at)}${called === undefined ? '' : ` in ${called}`}`);
}

/** How many requests have it, in which test, and how it was before. */
function shareOf({ rule, unit, seen, requests, of, last_of, test, ...cause }: VerdictProblem): string {
  if (rule === 'test') return '';
  const share =
    requests === undefined
      ? shareText({ unit, count: seen, of })
      : countText({ unit, count: requests, seen });
  const before = last_of ? `, none of ${formatCount(last_of)} in the last run` : ', new';
  const said = unit === 'test' ? '' : `${share}${cause.new ? before : ''}`;
  return [said, test === undefined ? '' : quoted(clean(test), LONGEST_TEST)].filter(Boolean).join(' · ');
}

function clean(text: string): string {
  return quoted(harmlessLine(text), LONGEST);
}

function partition<T>(all: readonly T[], isFirst: (one: T) => boolean): [T[], T[]] {
  return [all.filter(isFirst), all.filter((one) => !isFirst(one))];
}
