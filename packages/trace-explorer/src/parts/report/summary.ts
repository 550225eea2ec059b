import { isOpen } from '../../core/problems/said.ts';
import { outcomeOf } from '../../core/runs/exit-code.ts';
import { counted } from '../../lib/text/words.ts';
import type { SectionName } from './sections.ts';
import { changesIn } from './sections.ts';
import type { Change } from './server/compare/change.ts';
import type { RunReport } from './server/schemas.ts';

/** The one line: the news, and the tests. */
export function summaryOf(report: RunReport): string {
  const { changes, causes, failing, not_compared } = report;
  const said =
    changes === undefined
      ? [counted(causes.filter(isOpen).length + failing.length, 'problem')]
      : changesOf(changes, report, not_compared);
  return `${[...said, testsOf(report)].join('; ')}.`;
}

function changesOf(
  changes: readonly Change[],
  { base }: Pick<RunReport, 'base'>,
  { calls, times }: NonNullable<RunReport['not_compared']> = {},
): string[] {
  const countOf = (...sections: SectionName[]) =>
    sections.reduce((sum, name) => sum + changesIn(changes, name).length, 0);
  const callMore = changesIn(changes, 'calls').filter(({ how }) => how === 'more');
  const routes = new Set(callMore.map(({ service, route }) => `${service} ${route}`)).size;
  const others = countOf('calls', 'errors', 'answers') - callMore.length;
  const slower = countOf('slower');
  const late = slower === 0 ? 'nothing is slower than chance' : `${slower} slower`;
  return [
    base?.weighted
      ? `${counted(countOf('causes'), 'problem')} that the base did not show`
      : `${counted(countOf('causes'), 'new problem')}, ${countOf('gone')} gone`,
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

/** `212 tests, 3 failed; 40 made requests`. */
export function testsOf({ run, tests, failed, flaky = [], with_requests }: RunReport): string {
  if (tests === 0) return 'no tests';
  const unsteady = flaky.length === 0 ? '' : `, ${flaky.length} flaky`;
  const isOther = outcomeOf({ ...run, failed }) === 'ran';
  const came = isOther ? ` ran, none known to have failed` : `, ${failed} failed`;
  const other = isOther ? `, though the command ended with exit code ${run.exit_code}` : '';
  return `${counted(tests, 'test')}${came}${unsteady}${other}; ${with_requests} made ${with_requests === 1 ? 'a request' : 'requests'}`;
}
