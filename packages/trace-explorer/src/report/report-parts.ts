import { MIN_REQUESTS } from '../compare/chance.ts';
import type { Run } from '../compare/schemas.ts';
import type { Place } from '../places/place.ts';
import { definedParams } from '../places/place.ts';
import { stretchOf } from '../places/run-words.ts';
import { rangePlace } from '../places/shown-range.ts';
import { formatDuration } from '../shared/format-duration.ts';
import { counted } from '../shared/words.ts';
import type { ChanceChange, Changes, LongTest, ReportedCause, RouteChange, RunReport } from './schemas.ts';

/** Makes a sender's text harmless where the report is shown. */
type Safe = (text: string) => string;

/** A line of a report, and the link that shows it. */
export interface ReportLine {
  readonly say: (safe: Safe) => string;
  readonly place: Place;
}

/** A list of a report. */
export interface ReportPart {
  readonly title: string;
  readonly lines: readonly ReportLine[];
}

/** The one line: the news, and the tests. */
export function summaryOf(report: RunReport): string {
  const { changes, causes, compared } = report;
  const said = changes === undefined ? [counted(causes.length, 'cause')] : changesOf(changes, compared);
  return `${[...said, testsOf(report)].join('; ')}.`;
}

function changesOf(changes: Changes, compared: RunReport['compared']): string[] {
  const { new_causes, gone_causes } = changes;
  const routes = (list: readonly RouteChange[]) =>
    new Set(list.map(({ service, route }) => `${service} ${route}`)).size;
  const say = (list: readonly RouteChange[], one: string, many: string, none?: string) => {
    const count = routes(list);
    if (count === 0) return none === undefined ? [] : [none];
    return [`${counted(count, 'route')} ${count === 1 ? one : many}`];
  };
  const late = slowerIn(changes).length;
  const nothing = lacking(compared);
  return [
    `${counted(new_causes.length, 'new cause')}, ${gone_causes.length} gone`,
    ...(nothing === undefined
      ? [
          ...say(moreCallsIn(changes), 'calls more', 'call more', 'no route calls more'),
          slownessOf(late, compared),
        ]
      : [nothing]),
    ...say(fewerCallsIn(changes), 'calls less', 'call less'),
    ...say(chance(['errors'], true)(changes), 'fails more', 'fail more'),
    ...say(chance(['errors'], false)(changes), 'fails less', 'fail less'),
    ...say(answersIn(changes), 'answers otherwise', 'answer otherwise'),
  ];
}

function slownessOf(late: number, compared: RunReport['compared']): string {
  if (compared?.times === false) return NO_TIMES;
  return late === 0 ? 'nothing is slower than chance' : `${late} slower`;
}

const NO_TIMES = 'times were not compared: the processor time of both runs differs by 20 % or more';

/** Why times were not compared; undefined where they were. */
export function lackingTimes(compared: RunReport['compared']): string | undefined {
  return lacking(compared) ?? (compared?.times === false ? NO_TIMES : undefined);
}

/** Why calls and times were not compared; undefined where they were. */
export function lacking(compared: RunReport['compared']): string | undefined {
  if (compared === undefined || compared.tests + compared.routes > 0) return undefined;
  return `calls and times were not compared: no test with requests is in both runs, and no route has ${MIN_REQUESTS} requests in each`;
}

type List = (changes: Changes) => readonly RouteChange[];
const chance = (
  of: readonly ChanceChange['of'][],
  worse?: boolean,
): ((changes: Changes) => ChanceChange[]) => {
  return ({ by_chance }) =>
    by_chance.filter((each) => of.includes(each.of) && (worse === undefined || each.worse === worse));
};
/** Routes that call more, in tests and beyond chance. */
export const moreCallsIn: List = (changes) => [...changes.more_calls, ...chance(['calls'], true)(changes)];
const fewerCallsIn: List = (changes) => [...changes.fewer_calls, ...chance(['calls'], false)(changes)];
const errorsIn: List = chance(['errors']);
const answersIn: List = (changes) => [...changes.statuses, ...chance(['status', 'size'])(changes)];
/** What takes longer. */
export const slowerIn: List = (changes) => [...changes.slower, ...chance(['duration'])(changes)];

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
    [FAILING]: failing.map((each) => lineOf(each, (safe) => `${safe(each.test)}: ${safe(each.message)}`)),
    'Longest tests': longest.map(longLine),
  };
  return Object.entries(lists).flatMap(([title, lines]) => (lines.length === 0 ? [] : [{ title, lines }]));
}

function newsOf(changes: Changes, run: Run): Readonly<Record<string, readonly ReportLine[]>> {
  const tests = (list: Changes['mended']) => list.map((each) => lineOf(each, (safe) => safe(each.test)));
  return {
    'New causes': changes.new_causes.map(causeLine),
    Gone: changes.gone_causes.map(causeLine),
    'Calls per request': [...moreCallsIn(changes), ...fewerCallsIn(changes)].map(changeLine),
    Errors: errorsIn(changes).map(changeLine),
    Answers: answersIn(changes).map(changeLine),
    Slower: slowerIn(changes).map(changeLine),
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
  return lineOf(test, (safe) => `${safe(test.test)}: ${formatDuration(test.ms)}${where && ` (${where})`}`);
}

function causeLine(cause: ReportedCause): ReportLine {
  const { sentence, route, test, advice = '' } = cause;
  return lineOf(cause, (safe) =>
    [
      safe(sentence),
      ...(route === '' ? [] : [` in ${safe(route)}`]),
      ...(test === undefined ? [] : [`, shown by ${safe(test)}`]),
      advice === '' ? '.' : `. ${safe(advice)}`,
    ].join(''),
  );
}

function changeLine(change: RouteChange): ReportLine {
  const { route, sentence, test } = change;
  return lineOf(
    change,
    (safe) => `${safe(route)}: ${safe(sentence)}${test === undefined ? '' : `, in ${safe(test)}`}`,
  );
}

/** A line that leads to a trace, which is compared with a trace of the base where the base has one. */
function lineOf(
  { trace_id: id, base_trace_id: compare }: { readonly trace_id: string; readonly base_trace_id?: string },
  say: ReportLine['say'],
): ReportLine {
  return { say, place: { view: 'trace', id, params: definedParams({ compare }) } };
}
