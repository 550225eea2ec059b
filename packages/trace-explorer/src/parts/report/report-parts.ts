import type { Place } from '../../core/places/place.ts';
import { definedParams } from '../../core/places/place.ts';
import { rangePlace } from '../../core/places/shown-range.ts';
import { stretchOf } from '../../core/runs/run-words.ts';
import type { Run } from '../../core/runs/schemas.ts';
import { formatDuration } from '../../core/shared/format-duration.ts';
import { counted } from '../../core/shared/words.ts';
import type { Changes, LongTest, ReportedCause, RouteChange, RunReport } from './server/schemas.ts';

/** Makes a sender's text harmless where the report is shown. */
type Safe = (text: string) => string;

/** A line of a report, and the link that shows it. */
export interface ReportLine {
  readonly say: (safe: Safe) => string;
  readonly place: Place;
  /** The line as a row: its title, and what else is known of it. Absent: all in the title. */
  readonly row?: readonly [title: string, ...details: (string | undefined)[]];
  /** What was measured in both runs, in words too; or what a test took, and its own time. */
  readonly figures?: Figures;
}

interface Figures {
  readonly before?: number;
  readonly now: number;
  readonly own?: number;
  text(value: number): string;
}

/** What a report says that could not read all. */
export const TRUNCATED = 'The report has not all: it reads 20,000 traces, each with at most 20,000 spans.';

/** A list of a report. */
export interface ReportPart {
  readonly title: string;
  readonly lines: readonly ReportLine[];
}

/** The one line: the news, and the tests. */
export function summaryOf(report: RunReport): string {
  const { run, changes, causes, failing, not_compared } = report;
  const said =
    changes === undefined
      ? [counted(causes.length + failing.length, 'cause')]
      : changesOf(changes, run, not_compared);
  return `${[...said, testsOf(report)].join('; ')}.`;
}

function changesOf(
  changes: Changes,
  { pull }: Run,
  { calls, times }: NonNullable<RunReport['not_compared']> = {},
): string[] {
  const { new_causes, gone_causes } = changes;
  const { more, fewer, errors, answers, slower } = changesBy(changes);
  const routes = new Set(more.map(({ service, route }) => `${service} ${route}`)).size;
  const others = [...fewer, ...errors, ...answers].length;
  const late = slower.length === 0 ? 'nothing is slower than chance' : `${slower.length} slower`;
  return [
    pull === undefined
      ? `${counted(new_causes.length, 'new cause')}, ${gone_causes.length} gone`
      : `${counted(new_causes.length, 'cause')} not among the pulled traces of the base`,
    ...(calls === undefined
      ? [
          routes === 0
            ? 'no route calls more'
            : `${counted(routes, 'route')} ${routes === 1 ? 'calls' : 'call'} more`,
          times === undefined ? late : `times were not compared: ${times}`,
        ]
      : [`calls and times were not compared: ${calls}`]),
    ...(others === 0 ? [] : [counted(others, 'other change')]),
  ];
}

/** The changes of routes, in tests and beyond chance. */
export function changesBy({ more_calls, fewer_calls, statuses, slower, by_chance }: Changes) {
  const {
    calls = [],
    errors = [],
    status = [],
    size = [],
    duration = [],
  } = Object.groupBy(by_chance, ({ of }) => of);
  return {
    more: [...more_calls, ...calls.filter(({ worse }) => worse)],
    fewer: [...fewer_calls, ...calls.filter(({ worse }) => !worse)],
    errors,
    answers: [...statuses, ...status, ...size],
    slower: [...slower, ...duration],
  };
}

/** `212 tests, 3 failed; 40 made requests`. */
export function testsOf({ tests, failed, with_requests }: RunReport): string {
  if (tests === 0) return 'no tests';
  return `${counted(tests, 'test')}, ${failed} failed; ${with_requests} made ${with_requests === 1 ? 'a request' : 'requests'}`;
}

/** The list whose first line has its trace in Markdown. */
export const FAILING = 'Failing tests';

/** The news beside the base, or without a base the causes; failing tests, and the longest. Lists without a line are left out. */
export function partsOf({ run, causes, changes, failing, longest }: RunReport): ReportPart[] {
  const news = changes === undefined ? { Causes: causes.map(causeLine) } : newsOf(changes, run);
  const lists: Readonly<Record<string, readonly ReportLine[]>> = {
    ...news,
    [FAILING]: failing.map((each) => ({
      ...lineOf(each, (safe) => `${safe(each.test)}: ${safe(each.message)}`),
      row: [each.test, each.message],
    })),
    'Longest tests': longest.map(longLine),
  };
  return Object.entries(lists).flatMap(([title, lines]) => (lines.length === 0 ? [] : [{ title, lines }]));
}

function newsOf(changes: Changes, run: Run): Readonly<Record<string, readonly ReportLine[]>> {
  const { more, fewer, errors, answers, slower } = changesBy(changes);
  const tests = (list: Changes['mended']) => list.map((each) => lineOf(each, (safe) => safe(each.test)));
  return {
    // A pull does not have all traces: what it lacks may be there.
    [run.pull === undefined ? 'New causes' : 'Not among the pulled traces of the base']:
      changes.new_causes.map(causeLine),
    Gone: run.pull === undefined ? changes.gone_causes.map(causeLine) : [],
    'Calls per request': [...more, ...fewer].map((each) => changeLine(each)),
    Errors: errors.map((each) => changeLine(each)),
    Answers: answers.map((each) => changeLine(each)),
    Slower: slower.map((each) => changeLine(each, formatDuration)),
    'New dependencies': changes.new_dependencies.map((each) =>
      lineOf(each, (safe) => `${safe(each.service)} now calls ${safe(each.target)}`),
    ),
    'Renamed routes': changes.renamed_routes.map((each) =>
      lineOf(each, (safe) => `${safe(each.from)} is now ${safe(each.to)}`),
    ),
    'Telemetry’s score': changes.scores.map(({ service, base, head }) => ({
      say: (safe) => `${safe(service)} ${base} → ${head}`,
      place: rangePlace('verify', stretchOf(run)),
    })),
    'New tests': tests(changes.new_tests),
    'Tests that are gone': tests(changes.gone_tests),
    'Newly failing': tests(changes.newly_failing),
    Mended: tests(changes.mended),
  };
}

/** A test, and where its time went. */
function longLine(test: LongTest): ReportLine {
  const parts = { own: test.own_ms, SQL: test.database_ms, HTTP: test.http_ms, waiting: test.waiting_ms };
  const went = Object.entries(parts).filter(([, ms]) => ms >= 0.5);
  const where = went.map(([name, ms]) => `${name} ${formatDuration(ms)}`).join(', ');
  return {
    ...lineOf(test, (safe) => `${safe(test.test)}: ${formatDuration(test.ms)}${where && ` (${where})`}`),
    row: [test.test, where],
    figures: { now: test.ms, own: test.own_ms, text: formatDuration },
  };
}

function causeLine(cause: ReportedCause): ReportLine {
  const { sentence, line, route, test, advice = '' } = cause;
  const say = (safe: Safe) =>
    [
      safe(sentence),
      ...(line === undefined ? [] : [` at ${safe(line)}`]),
      ...(route === '' ? [] : [` in ${safe(route)}`]),
      ...(test === undefined ? [] : [`, shown by ${safe(test)}`]),
      advice === '' ? '.' : `. ${safe(advice)}`,
    ].join('');
  return { ...lineOf(cause, say), row: [sentence, route, test, advice] };
}

/** @param text of its numbers; calls per request when left out */
function changeLine(change: RouteChange, text = (calls: number) => String(Number(calls.toPrecision(3)))) {
  const { service, route, sentence, test, before, now } = change;
  const say = (safe: Safe) =>
    `${safe(route)}: ${safe(sentence)}${test === undefined ? '' : `, in ${safe(test)}`}`;
  return {
    ...lineOf(change, say),
    row: [`${route}: ${sentence}`, service, test] as const,
    ...(before !== undefined && now !== undefined && { figures: { before, now, text } }),
  };
}

/** A line that leads to a trace, which is compared with a trace of the base where the base has one. */
function lineOf(
  { trace_id: id, base_trace_id: compare }: { readonly trace_id: string; readonly base_trace_id?: string },
  say: ReportLine['say'],
): ReportLine {
  return { say, place: { view: 'trace', id, params: definedParams({ compare }) } };
}
