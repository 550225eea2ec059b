import { formatDuration } from '../shared/format-duration.ts';
import { counted } from '../shared/words.ts';
import type { ReportedCause, RouteChange, RunReport } from './report.ts';

/** Makes a sender's text harmless where the report is shown. */
type Safe = (text: string) => string;

/** A line of a report, and what shows it. */
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

/** The one line: what is new, and the tests. */
export function summaryOf(report: RunReport): string {
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
  if (tests === 0) return 'no tests';
  return `${counted(tests, 'test')}, ${failed} failed; ${with_requests} made requests`;
}

/** What is new beside the base, or without a base the causes. Lists without a line are left out. */
export function partsOf(report: RunReport): ReportPart[] {
  if (report.base === undefined) return filled([{ title: 'Causes', lines: report.causes.map(causeLine) }]);
  const { new_dependencies, renamed_routes, scores } = report;
  return filled([
    { title: 'New causes', lines: report.new_causes.map(causeLine) },
    { title: 'Gone', lines: report.gone_causes.map(causeLine) },
    { title: 'Calls per request', lines: report.more_calls.map(changeLine) },
    { title: 'Slower', lines: [...report.slower, ...report.by_chance].map(changeLine) },
    {
      title: 'New dependencies',
      lines: new_dependencies.map(({ service, target, trace_id: traceId }) => ({
        say: (safe: Safe) => `${safe(service)} now calls ${safe(target)}`,
        traceId,
      })),
    },
    {
      title: 'Renamed routes',
      lines: renamed_routes.map(({ from, to }) => ({
        say: (safe: Safe) => `${safe(from)} is now ${safe(to)}`,
      })),
    },
    {
      title: 'Telemetry’s score',
      lines: scores.map(({ service, base, head }) => ({
        say: (safe: Safe) => `${safe(service)} ${base} → ${head}`,
      })),
    },
    { title: 'New tests', lines: report.new_tests.map(nameLine) },
    { title: 'Tests that are gone', lines: report.gone_tests.map(nameLine) },
    { title: 'Newly failing', lines: report.newly_failing.map(nameLine) },
    { title: 'Mended', lines: report.mended.map(nameLine) },
  ]);
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
  const lines = longest.map(
    ({ test, ms, own_ms, database_ms, http_ms, waiting_ms, trace_id: traceId }): ReportLine => {
      const parts = [
        ['own', own_ms],
        ['SQL', database_ms],
        ['HTTP', http_ms],
        ['waiting', waiting_ms],
      ] as const;
      const where = parts
        .filter(([, each]) => each >= 0.5)
        .map(([name, each]) => `${name} ${formatDuration(each)}`);
      const went = where.length === 0 ? '' : ` (${where.join(', ')})`;
      return { say: (safe) => `${safe(test)}: ${formatDuration(ms)}${went}`, traceId };
    },
  );
  return { title: 'Longest tests', lines };
}

function filled(parts: readonly ReportPart[]): ReportPart[] {
  return parts.filter(({ lines }) => lines.length > 0);
}

function nameLine(test: string): ReportLine {
  return { say: (safe) => safe(test) };
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
