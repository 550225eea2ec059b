import { formatDuration } from '../shared/format-duration.ts';
import { counted } from '../shared/words.ts';
import type { Changes, ReportedCause, RouteChange, RunReport } from './report.ts';

/** Makes a sender's text harmless where the report is shown. */
type Safe = (text: string) => string;

/** A line of a report, and the link that shows it. */
export interface ReportLine {
  readonly say: (safe: Safe) => string;
  readonly traceId?: string | undefined;
  /** The same in the base. */
  readonly baseTraceId?: string | undefined;
}

/** A list of a report. */
export interface ReportPart {
  readonly title: string;
  readonly lines: readonly ReportLine[];
}

/** The one line: the news, and the tests. */
export function summaryOf(report: RunReport): string {
  const { changes, causes } = report;
  const said = changes === undefined ? [counted(causes.length, 'cause')] : changesOf(changes);
  return `${[...said, testsOf(report)].join('; ')}.`;
}

function changesOf({ new_causes, gone_causes, more_calls, slower, by_chance }: Changes): string[] {
  const routes = new Set(more_calls.map(({ service, route }) => `${service} ${route}`));
  const late = slower.length + by_chance.length;
  return [
    `${counted(new_causes.length, 'new cause')}, ${gone_causes.length} gone`,
    routes.size === 0
      ? 'no route calls more'
      : `${counted(routes.size, 'route')} ${routes.size === 1 ? 'calls' : 'call'} more`,
    late === 0 ? 'nothing is slower than chance' : `${late} slower`,
  ];
}

/** `212 tests, 3 failed; 40 made requests`. */
export function testsOf({ tests, failed, with_requests }: RunReport): string {
  if (tests === 0) return 'no tests';
  return `${counted(tests, 'test')}, ${failed} failed; ${with_requests} made ${with_requests === 1 ? 'a request' : 'requests'}`;
}

/** The news beside the base, or without a base the causes. Lists without a line are left out. */
export function partsOf({ causes, changes }: RunReport): ReportPart[] {
  if (changes === undefined)
    return causes.length === 0 ? [] : [{ title: 'Causes', lines: causes.map(causeLine) }];
  const line = (say: ReportLine['say'], traceId?: string): ReportLine => ({ say, traceId });
  const names = (tests: readonly string[]) => tests.map((test) => line((safe) => safe(test)));
  const lists: Readonly<Record<string, readonly ReportLine[]>> = {
    'New causes': changes.new_causes.map(causeLine),
    Gone: changes.gone_causes.map(causeLine),
    'Calls per request': changes.more_calls.map(changeLine),
    Slower: [...changes.slower, ...changes.by_chance].map(changeLine),
    'New dependencies': changes.new_dependencies.map(({ service, target, trace_id }) =>
      line((safe) => `${safe(service)} now calls ${safe(target)}`, trace_id),
    ),
    'Renamed routes': changes.renamed_routes.map(({ from, to }) =>
      line((safe) => `${safe(from)} is now ${safe(to)}`),
    ),
    'Telemetry’s score': changes.scores.map(({ service, base, head }) =>
      line((safe) => `${safe(service)} ${base} → ${head}`),
    ),
    'New tests': names(changes.new_tests),
    'Tests that are gone': names(changes.gone_tests),
    'Newly failing': names(changes.newly_failing),
    Mended: names(changes.mended),
  };
  return Object.entries(lists).flatMap(([title, lines]) => (lines.length === 0 ? [] : [{ title, lines }]));
}

/** The failing tests with their assertions. */
export function failingPart({ failing }: RunReport): ReportPart {
  const lines = failing.map(({ test, message, trace_id: traceId }) => ({
    say: (safe: Safe) => `${safe(test)}: ${safe(message)}`,
    traceId,
  }));
  return { title: 'Failing tests', lines };
}

/** The tests that took longest, and where their time went. */
export function longestPart({ longest }: RunReport): ReportPart {
  const lines = longest.map(({ test, ms, trace_id: traceId, ...times }): ReportLine => {
    const parts = {
      own: times.own_ms,
      SQL: times.database_ms,
      HTTP: times.http_ms,
      waiting: times.waiting_ms,
    };
    const went = Object.entries(parts).filter(([, each]) => each >= 0.5);
    const where = went.map(([name, each]) => `${name} ${formatDuration(each)}`).join(', ');
    return { say: (safe) => `${safe(test)}: ${formatDuration(ms)}${where && ` (${where})`}`, traceId };
  });
  return { title: 'Longest tests', lines };
}

function causeLine({ sentence, route, test, advice = '', trace_id: traceId }: ReportedCause): ReportLine {
  return {
    say: (safe) =>
      [
        safe(sentence),
        ...(route === '' ? [] : [` in ${safe(route)}`]),
        ...(test === undefined ? [] : [`, shown by ${safe(test)}`]),
        advice === '' ? '.' : `. ${safe(advice)}`,
      ].join(''),
    traceId,
  };
}

function changeLine({ route, sentence, test, ...change }: RouteChange): ReportLine {
  return {
    say: (safe) => `${safe(route)}: ${safe(sentence)}${test === undefined ? '' : `, in ${safe(test)}`}`,
    traceId: change.trace_id,
    baseTraceId: change.base_trace_id,
  };
}
