import type { Row, Section } from '../../core/places/section.ts';
import { firstRows } from '../../core/places/section.ts';
import { outcomeOf } from '../../core/runs/exit-code.ts';
import { placeText } from '../../core/traces/model/code-place.ts';
import { counted, formatCount, listed, plural, quoted } from '../../lib/text/words.ts';
import { areFew, failedText } from './run-outcomes.ts';
import { attemptsPlace } from './sections.ts';
import type { RunsCompared } from './server/flaky/schemas.ts';

/** Most rows of a section, and characters of the error of a test. */
const [MOST, LONGEST] = [20, 200];

/** Several runs of the same tests: whose outcome differs with what differs, and which tests ran in some of the runs only. */
export function runsSections({
  runs,
  tests,
  unsteady,
  missing,
}: RunsCompared): readonly [Section, ...Section[]] {
  const said =
    unsteady.length === 0
      ? 'each test had the same outcome in each run'
      : `the outcome of ${counted(unsteady.length, 'test')} differs`;
  const head: Section = {
    title: `${counted(runs.length, 'run')} of ${counted(tests, 'test')}`,
    sentences: [`${outcomesOf(runs)}; ${said}.`],
    rows: [],
  };
  const sections: Section[] = [
    { title: 'Outcome differs', sentences: [], rows: unsteady.map(unsteadyRow) },
    {
      title: 'Ran in some runs only',
      sentences: [],
      rows: missing.map(({ test, runs: ran }) => ({
        cells: [test, `ran in ${formatCount(ran)} of ${counted(runs.length, 'run')}`],
      })),
    },
  ];
  return [head, ...sections.filter(({ rows }) => rows.length > 0).map((each) => firstRows(each, MOST))];
}

/** How many runs passed and failed, and how many of these by their exit code alone. */
function outcomesOf(runs: RunsCompared['runs']): string {
  const by = Map.groupBy(runs, outcomeOf);
  const countOf = (outcome: ReturnType<typeof outcomeOf>) => by.get(outcome)?.length ?? 0;
  const [passed, failed, ran] = [countOf('passed'), countOf('failed'), countOf('ran')];
  const all = counted(runs.length, 'run');
  if (ran === 0) return `${passed} of ${all} passed${failed > 0 ? `, ${failed} failed` : ''}`;
  const codes = [...new Set(by.get('ran')?.map(({ exit_code: code }) => String(code)))];
  const why = `(${plural(codes.length, 'exit code')} ${listed(codes)})`;
  return failed === 0
    ? `${ran} of ${all} failed ${why}, though no test did`
    : `${failed + ran} of ${all} failed, ${ran} of them ${why} though no test did`;
}

function unsteadyRow({ test, sentence, message, file, line, ...of }: RunsCompared['unsteady'][number]): Row {
  return {
    // With few runs the sentence says how many.
    cells: [test, areFew(of) ? sentence : `${failedText(of)}: ${sentence}`],
    details: [placeText({ file, line }), quoted(message, LONGEST)].filter(Boolean),
    place: attemptsPlace(of),
  };
}
