import type { Terminal } from '../../../../core/command/terminal/terminal.ts';
import { plainLetters } from '../../../../core/command/terminal/terminal.ts';
import { columnsOf, wrap } from '../../../../core/command/terminal/terminal-text.ts';
import type { EndedRun } from '../../../../core/door/node.ts';
import { failureOf } from '../../../../core/runs/exit-code.ts';
import { harmlessLine } from '../../../../core/shared/harmless-text.ts';
import { counted, formatCount, listed, quoted } from '../../../../core/shared/words.ts';
import { countText, shareText } from '../../../causes/units.ts';
import type { CodePlace } from '../../server/code-place.ts';
import type { Verdict, VerdictCause } from '../../server/verdict/schemas.ts';

/** Causes that are told. */
const MOST = 3;
/** Most characters of a sentence, and of a test's name. */
const [LONGEST, LONGEST_TEST] = [300, 100];
/** Columns of a stream that breaks no lines, for what stands at the right. */
const USUAL_COLUMNS = 96;

type Ended = Pick<EndedRun, 'program' | 'exitCode'>;

/** A run's causes for a person, or what came of it. */
export function verdictText(verdict: Verdict, ended: Ended, terminal: Terminal): string {
  const { causes, gone, requests, messages, tests } = verdict;
  const { colours, columns } = terminal;
  const isBare = causes.length === 0 && requests + messages === 0 && tests === undefined;
  const [head = '', ...more] = isBare ? bareLines(verdict, ended) : [headOf(verdict, ended)];
  const shown = causes.slice(0, MOST).flatMap((cause) => linesOf(cause, terminal));
  const rest = causes.length - MOST;
  const lines = [
    beside(head, newsOf(verdict), terminal),
    ...more,
    ...shown,
    ...(rest > 0 ? [colours.dim(`  … and ${formatCount(rest)} more`)] : []),
    ...delayedLines(verdict, columns),
    ...gone.slice(0, MOST).flatMap((sentence) => indented(`Gone: ${clean(sentence)}`, [2, 4], columns)),
  ];
  const text = lines.join('\n');
  return terminal.hasSigns ? text : plainLetters(text);
}

/** One line about a cause, for the time in which the programs run. */
export function causeLine(cause: VerdictCause, { hasSigns, colours }: Terminal): string {
  const [sign, where] = [signOf(cause), placeOf(cause)];
  const line = `${colours[cause.failure ? 'error' : 'warning'](sign)} ${clean(cause.sentence)}${where && ` (${where})`}`;
  return hasSigns ? line : plainLetters(line);
}

function headOf(verdict: Verdict, ended: Ended): string {
  const { tests, failed, truncated } = verdict;
  const count = verdict.causes.filter(({ rule }) => rule !== 'test').length;
  const newest = truncated ? ', the newest of which were read' : '';
  const units = `${unitsOf(verdict)}${newest}`;
  const answers = `${units}${tests === undefined ? refusedOf(verdict) : ''}`;
  const passed = tests && `${counted(tests.passed, 'test')} passed, ${formatCount(tests.failed)} failed`;
  if (count > 0) return [passed, `${counted(count, 'cause')} in ${answers}`].filter(Boolean).join('; ');
  const isSilent = ended.exitCode !== 0 || failed > 0 || verdict.causes.length > 0;
  const none = passed === undefined ? `${answers}; no causes` : `no causes in their ${units}`;
  const plain = `${answers}${failed > 0 ? `, ${formatCount(failed)} failed` : ''}`;
  const said = [passed, isSilent ? plain : none].filter(Boolean).join('; ');
  return verdict.causes.length > 0 ? said : [said, failureOf(ended)].filter(Boolean).join('. ');
}

/** What came of a command that nobody asked: the calls that it made. */
function bareLines({ traces, calls }: Verdict, ended: Ended): string[] {
  const { made = 0, failed = 0, failure = '', to = [] } = calls ?? {};
  const place = calls?.file === undefined ? '' : ` (${quoted(placeOf(calls))})`;
  const failures = failed === 0 ? '' : `, ${counted(failed, 'call')} failed: ${clean(failure)}${place}`;
  const refusals = calls && calls.refused > 0 ? `, ${formatCount(calls.refused)} answered with 4xx` : '';
  const out = `${counted(made, 'call')} to ${listed(to.map((callee) => quoted(callee)))}${refusals}${failures}`;
  const none = 'No request came in, so there is nothing to compare or to find.';
  return [made === 0 ? counted(traces, 'trace') : out, [none, failureOf(ended)].filter(Boolean).join(' ')];
}

/** On a busy machine a run is silent about time, and says of how many requests. */
function delayedLines({ delayed, requests, messages }: Verdict, columns: number | undefined): string[] {
  if (delayed === 0) return [];
  const all = requests + messages;
  const isMixed = requests > 0 && messages > 0;
  const of = isMixed
    ? `${formatCount(all)} requests and messages`
    : counted(all, messages > 0 ? 'message' : 'request');
  const text = `${formatCount(delayed)} of ${of} waited for a processor, so nothing is said about their time.`;
  return indented(text, [0, 2], columns);
}

function unitsOf({ requests, messages, traces, sampled }: Verdict): string {
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

function linesOf(cause: VerdictCause, { columns, colours }: Terminal): string[] {
  const paint = colours[cause.failure ? 'error' : 'warning'];
  const [first = '', ...rest] = indented(clean(cause.sentence), [4, 4], columns);
  const details = [placeOf(cause), shareOf(cause)].filter((part) => part !== '').join(' · ');
  return [
    `  ${paint(signOf(cause))} ${first.trimStart()}`,
    ...rest,
    ...(details === '' ? [] : indented(details, [6, 6], columns).map(colours.dim)),
  ];
}

function signOf({ failure }: VerdictCause): string {
  return failure ? '✗' : '!';
}

/** `src/orders.js:48 in placeOrder` */
function placeOf({ file, line, column, function: called }: Partial<CodePlace>): string {
  if (file === undefined) return '';
  const at = [file, line, column].filter((part) => part !== undefined).join(':');
  return clean(`${at}${called === undefined ? '' : ` in ${called}`}`);
}

/** How many requests have it, in which test, and how it was before. */
function shareOf({
  rule,
  unit,
  seen,
  requests,
  of,
  after_first,
  last_of,
  test,
  ...cause
}: VerdictCause): string {
  if (rule === 'test') return '';
  const share =
    requests === undefined
      ? shareText({ unit, count: seen, of })
      : countText({ unit, count: requests, seen });
  const after = after_first ? ' after the first' : '';
  const before = last_of ? `, none of ${formatCount(last_of)} in the last run` : ', new';
  const said = unit === 'test' ? '' : `${share}${after}${cause.new ? before : ''}`;
  return [said, test === undefined ? '' : quoted(clean(test), LONGEST_TEST)].filter(Boolean).join(' · ');
}

function clean(text: string): string {
  return quoted(harmlessLine(text), LONGEST);
}

/** A text in lines of at most so many columns. @param blanks before the first line, and before the others */
function indented(
  text: string,
  [first, others]: readonly [number, number],
  columns: number | undefined,
): string[] {
  const lines = columns === undefined ? [text] : wrap(text, columns - Math.max(first, others));
  return lines.map((line, at) => ' '.repeat(at === 0 ? first : others) + line);
}
