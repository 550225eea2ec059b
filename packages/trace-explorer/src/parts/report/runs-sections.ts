import type { Row, Section } from '../../core/places/section.ts';
import { firstRows } from '../../core/places/section.ts';
import { counted, formatCount, quoted } from '../../lib/text/words.ts';
import { placeText } from './place-text.ts';
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
  const failed = runs.filter((run) => run.failed > 0).length;
  const said =
    unsteady.length === 0
      ? 'each test had the same outcome in each run'
      : `the outcome of ${counted(unsteady.length, 'test')} differs`;
  const head: Section = {
    title: `${counted(runs.length, 'run')} of ${counted(tests, 'test')}`,
    sentences: [
      `${runs.length - failed} of ${counted(runs.length, 'run')} passed${failed > 0 ? `, ${failed} failed` : ''}; ${said}.`,
    ],
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

function unsteadyRow({ test, sentence, message, file, line, ...of }: RunsCompared['unsteady'][number]): Row {
  return {
    // With few runs the sentence says how many.
    cells: [test, areFew(of) ? sentence : `${failedText(of)}: ${sentence}`],
    details: [placeText({ file, line }), quoted(message, LONGEST)].filter(Boolean),
    place: attemptsPlace(of),
  };
}
