import { definedParams } from '../../core/places/place.ts';
import type { Measured, Row, Section } from '../../core/places/section.ts';
import { rangePlace } from '../../core/places/shown-range.ts';
import { stretchOf } from '../../core/runs/run-words.ts';
import type { Run } from '../../core/runs/schemas.ts';
import { formatDuration } from '../../core/shared/format-duration.ts';
import { counted } from '../../core/shared/words.ts';
import { countText } from '../causes/units.ts';
import type { Changes, LongTest, ReportedCause, RouteChange, RunReport } from './server/schemas.ts';

/** What a report says that could not read all. */
export const TRUNCATED = 'The report has not all: it reads 20,000 traces, each with at most 20,000 spans.';

/** The one line: the news, and the tests. */
export function summaryOf(report: RunReport): string {
  const { changes, causes, failing, not_compared } = report;
  const said =
    changes === undefined
      ? [counted(causes.length + failing.length, 'cause')]
      : changesOf(changes, report, not_compared);
  return `${[...said, testsOf(report)].join('; ')}.`;
}

function changesOf(
  changes: Changes,
  { base }: Pick<RunReport, 'base'>,
  { calls, times }: NonNullable<RunReport['not_compared']> = {},
): string[] {
  const { new_causes, gone_causes } = changes;
  const { more, fewer, errors, answers, slower } = changesBy(changes);
  const routes = new Set(more.map(({ service, route }) => `${service} ${route}`)).size;
  const others = [...fewer, ...errors, ...answers].length;
  const late = slower.length === 0 ? 'nothing is slower than chance' : `${slower.length} slower`;
  return [
    base?.weighted
      ? `${counted(new_causes.length, 'cause')} that the base did not show`
      : `${counted(new_causes.length, 'new cause')}, ${gone_causes.length} gone`,
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

/** The section whose first row has its trace in Markdown. */
export const FAILING = 'Failing tests';
/** The sections that got worse or better. Others are news that may be wanted. */
const NEWS: Readonly<Record<string, Section['news']>> = {
  Causes: 'bad',
  'New causes': 'bad',
  'Newly failing': 'bad',
  Slower: 'bad',
  [FAILING]: 'bad',
  Gone: 'good',
  Mended: 'good',
};

/** The news beside the base, or without a base the causes; failing tests, and the longest. Sections without a row are left out. */
export function sectionsOf({ run, base, causes, changes, failing, longest }: RunReport): Section[] {
  const toRow = (cause: ReportedCause) => causeRow(cause);
  const news = changes === undefined ? { Causes: causes.map(toRow) } : newsOf(changes, run, base);
  const sections: Readonly<Record<string, readonly Row[]>> = {
    ...news,
    [FAILING]: failing.map((test) => rowOf(test, [test.test, test.message])),
    'Longest tests': longest.map(longRow),
  };
  return Object.entries(sections).flatMap(([title, rows]) =>
    rows.length === 0 ? [] : [{ title, sentences: [], rows, news: NEWS[title] }],
  );
}

function newsOf(changes: Changes, run: Run, base: Run | undefined): Readonly<Record<string, readonly Row[]>> {
  const { more, fewer, errors, answers, slower } = changesBy(changes);
  const tests = (list: Changes['mended']) => list.map((test) => rowOf(test, [test.test]));
  return {
    [newsTitle('causes', base)]: changes.new_causes.map((cause) => causeRow(cause)),
    Gone: changes.gone_causes.map((cause) => causeRow(cause)),
    'Calls per request': [...more, ...fewer].map((change) => changeRow(change)),
    Errors: errors.map((change) => changeRow(change)),
    Answers: answers.map((change) => changeRow(change)),
    Slower: slower.map((change) => changeRow(change, 'ms')),
    [newsTitle('dependencies', base)]: changes.new_dependencies.map((dependency) =>
      rowOf(dependency, [`${dependency.service} ${base?.weighted ? '' : 'now '}calls ${dependency.target}`]),
    ),
    'Renamed routes': changes.renamed_routes.map((route) =>
      rowOf(route, [`${route.from} is now ${route.to}`]),
    ),
    'Telemetry’s score': changes.scores.map(({ service, base, head }) => ({
      cells: [`${service} ${base} → ${head}`],
      place: rangePlace('verify', stretchOf(run)),
    })),
    'New tests': tests(changes.new_tests),
    'Tests that are gone': tests(changes.gone_tests),
    'Newly failing': tests(changes.newly_failing),
    Mended: tests(changes.mended),
  };
}

/** A test, and where its time went. */
function longRow(test: LongTest): Row {
  const parts = { own: test.own_ms, SQL: test.database_ms, HTTP: test.http_ms, waiting: test.waiting_ms };
  const went = Object.entries(parts).filter(([, ms]) => ms >= 0.5);
  return {
    ...rowOf(test, [test.test]),
    details: went.map(([name, ms]) => `${name} ${formatDuration(ms)}`),
    measured: { now: test.ms, own: test.own_ms, unit: 'ms' },
  };
}

/** `New causes`; where the base is a sample: `Causes that the base did not show`. */
export function newsTitle(of: 'causes' | 'dependencies', base: Run | undefined): string {
  if (!base?.weighted) return `New ${of}`;
  return `${of[0]?.toUpperCase()}${of.slice(1)} that the base did not show`;
}

function causeRow(cause: ReportedCause): Row {
  const { sentence, line, route, test, advice, unit, requests: count = 0, seen } = cause;
  const sightings = seen !== undefined && countText({ unit, count, seen });
  const details = [
    sightings,
    line && `at ${line}`,
    route && `in ${route}`,
    test && `shown by ${test}`,
    advice,
  ];
  return { ...rowOf(cause, [sentence]), details: details.flatMap((text) => text || []) };
}

/** @param unit of its figures */
function changeRow(change: RouteChange, unit: Measured['unit'] = 'calls'): Row {
  const { service, route, sentence, test, before, now } = change;
  const details = test === undefined ? [service] : [service, `in ${test}`];
  const measured = before !== undefined && now !== undefined && { measured: { before, now, unit } };
  return { ...rowOf(change, [route, sentence]), details, ...measured };
}

/** A row that leads to a trace, which is compared with a trace of the base where the base has one. */
function rowOf(
  { trace_id: id, base_trace_id: compare }: { readonly trace_id: string; readonly base_trace_id?: string },
  cells: readonly string[],
): Row {
  return { cells, place: { view: 'trace', id, params: definedParams({ compare }) } };
}
