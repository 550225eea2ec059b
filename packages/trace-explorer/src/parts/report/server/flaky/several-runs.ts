import { problems } from '../../../../core/errors.ts';
import type { Run } from '../../../../core/runs/schemas.ts';
import type { ReadOptions, SpanStore } from '../../../../core/store/store.ts';
import type { Difference } from '../../../../core/tests/attempts/differences.ts';
import { differenceOf, differencesOf } from '../../../../core/tests/attempts/differences.ts';
import type { Sides } from '../../../../core/tests/attempts/sides.ts';
import type { TestAttempt } from '../../../../core/tests/read/test-spans.ts';
import { readTestSpans } from '../../../../core/tests/read/test-spans.ts';
import { getOrMake } from '../../../../lib/get-or-make.ts';
import { counted, formatCount } from '../../../../lib/text/words.ts';
import { areFew, fewText } from '../../run-outcomes.ts';
import { spansOf } from '../read-run.ts';
import { labelOf, withoutAbove } from '../test-reading.ts';
import type { Said } from './compared-test.ts';
import { comparedTest, tracedOf, unreadText } from './compared-test.ts';
import { isFlaky, testsOfName } from './flaky-tests.ts';
import type { TracedAttempt } from './read-attempts.ts';
import { readAttempts } from './read-attempts.ts';
import type { RunsCompared } from './schemas.ts';

/** Tests that are compared. */
const MOST = 20;

/** Runs at most, and tests that are named because they ran in some runs only. */
export const MOST_COMPARED = 100;
const MOST_MISSING = 50;

const NOTHING_COMMON =
  'nothing that all failed runs have and no passed one: look at the test’s own code and data';

/** A test in one run. */
interface Outcome extends Sides<TestAttempt> {
  /** Whether it failed and then passed. */
  readonly isFlaky: boolean;
}

/** The tests of one name in the runs that have some, by the ids of the runs, in the order in which they began. */
type OfName = Map<string, readonly Outcome[]>;

/**
 * Compares runs of the same tests: whose outcome differs, and what all failed runs have and no passed one. A run in which a test
 * passed on a later attempt is a failed one: what it failed by is the same.
 * @param runs the oldest first
 */
export async function compareRuns(
  store: SpanStore,
  runs: readonly Run[],
  options: ReadOptions,
): Promise<RunsCompared> {
  const outcomes = new Map<string, OfName>();
  const told: RunsCompared['runs'] = [];
  for (const { id, name, tests, failed, exit_code } of runs) {
    const { ofRun, read } = spansOf(store, { id }, options);
    const { attempts } = await readTestSpans(store, ofRun, read);
    told.push({ id, name, tests, failed, ...(exit_code !== undefined && { exit_code }) });
    for (const [key, of] of attempts) {
      getOrMake(outcomes, key, () => new Map()).set(id, testsOfName(of).map(outcomeOf));
    }
  }
  const withTests = runs.filter(({ id }) => [...outcomes.values()].some((of) => of.has(id))).length;
  const leaves = withoutAbove([...outcomes], ([key]) => key);
  const tests = leaves.flatMap(([key, ofName]) => {
    const differs = outcomesDiffer([...ofName.values()]);
    return testsOf(ofName).map((test) => [key, test, differs] as const);
  });
  const unsteady = tests.filter(([, of, differs]) => isUnsteady([...of.values()], differs));
  const sides = unsteady.slice(0, MOST).map(([, of]) => sidesOf(of));
  const traced = await readAttempts(
    store,
    sides.flatMap(({ failed, passed }) => [...failed, ...passed]),
    options,
  );
  return {
    runs: told,
    tests: tests.length,
    unsteady: unsteady.map(([key, of], at) => {
      const own = sides[at] ?? sidesOf(of);
      const read = tracedOf(own, traced);
      const counts = countsOf(of);
      const said = saidOf(read, counts, unreadText(at, MOST));
      return { ...comparedTest({ key, label: labelOf(key), own, read, said }), ...counts };
    }),
    missing: tests
      .filter(([, of]) => of.size < withTests)
      .slice(0, MOST_MISSING)
      .map(([key, of]) => ({ test: labelOf(key), runs: of.size })),
  };
}

/**
 * The newest runs of the commit and command of a run, with itself, the oldest first.
 * @param runs the newest first
 * @throws RUN_NOT_FOUND where the run names no commit, or is the only one
 */
export function runsLike(runs: readonly Run[], run: Run, most: number): Run[] {
  if (run.name === run.command || run.name === run.id)
    throw problems.RUN_NOT_FOUND({
      detail: `The run ${run.id} names no commit, so nobody knows which runs are of the same code. Name them: run --name NAME.`,
    });
  const alike = runs.filter(({ name, command }) => name === run.name && command === run.command);
  if (alike.length < 2)
    throw problems.RUN_NOT_FOUND({
      detail: `The explorer has no other run of ${run.name} with the same command.`,
    });
  return alike.slice(0, most).toReversed();
}

function outcomeOf(attempts: readonly TestAttempt[]): Outcome {
  const by = (wanted: TestAttempt['status']) => attempts.filter(({ status }) => status === wanted);
  return { failed: by('fail'), passed: by('pass'), isFlaky: isFlaky(attempts) };
}

/** Each test of a name, with its outcome in each run: the first one of all runs, the second one, and so on. */
function testsOf(ofName: OfName): Map<string, Outcome>[] {
  const most = Math.max(...[...ofName.values()].map(({ length }) => length));
  return Array.from({ length: most }, (_, place) => {
    const own = [...ofName].map(([id, outcomes]) => [id, outcomes[place]] as const);
    return new Map(own.flatMap(([id, outcome]) => (outcome ? [[id, outcome] as const] : [])));
  });
}

/**
 * Whether runs tell the tests of a name apart by their outcomes: runs in which as many of several failed may have had them in
 * another order.
 */
function outcomesDiffer(runs: readonly (readonly Outcome[])[]): boolean {
  const failing = runs.map((tests) => tests.filter(({ failed }) => failed.length > 0).length);
  return runs.every(({ length }) => length === 1) || new Set(failing).size > 1;
}

/** Whether a test failed, and passed as well: in another run, or on a later attempt. @param differs as `outcomesDiffer` says */
function isUnsteady(all: readonly Outcome[], differs: boolean): boolean {
  const passes = all.some(({ failed, isFlaky }) => failed.length === 0 || isFlaky);
  if (!passes || all.every(({ failed }) => failed.length === 0)) return false;
  return differs || all.some(({ isFlaky }) => isFlaky);
}

/** One attempt of each run: where a test failed, the first one that did; else the last one. */
function sidesOf(of: ReadonlyMap<string, Outcome>): Sides<TestAttempt> {
  const all = [...of.values()];
  const failed = all.flatMap((each) => each.failed[0] ?? []);
  const steady = all.flatMap((each) => (each.failed.length === 0 ? (each.passed.at(-1) ?? []) : []));
  // Without a run in which it passed at once, an attempt that passed after it had failed is all there is.
  return { failed, passed: steady.length > 0 ? steady : all.flatMap((each) => each.passed.at(-1) ?? []) };
}

/** In how many runs a test failed, also where it passed then, and in how many it passed at once. */
function countsOf(of: ReadonlyMap<string, Outcome>) {
  const all = [...of.values()];
  const failed = all.filter((each) => each.failed.length > 0).length;
  const flaky = all.filter(({ isFlaky }) => isFlaky).length;
  return { failed, ...(flaky > 0 && { flaky }), passed: all.length - failed };
}

/**
 * What failed runs have in common and passed ones lack; with few runs, what one of each differs in.
 * @param unread what is said where one side was not read
 */
function saidOf(
  { failed, passed }: Sides<TracedAttempt>,
  counts: ReturnType<typeof countsOf>,
  unread: string,
): Said {
  const few = areFew(counts) ? `${fewText(counts)}; ` : '';
  if (failed.length === 0 || passed.length === 0) return { sentence: `${few}${unread}` };
  if (few !== '') {
    const { sentence, ...at } = differenceOf(failed.slice(0, 1), passed.slice(-1));
    return { ...at, sentence: `${few}in one of each: ${sentence}` };
  }
  const [common] = differencesOf(failed, passed);
  if (common === undefined) return { sentence: NOTHING_COMMON };
  const { spanId } = common;
  const isPart = failed.length + passed.length < counts.failed + counts.passed;
  const runs = `${counted(failed.length, isPart ? 'compared run' : 'run')} that failed`;
  return {
    sentence: commonText(common, runs, formatCount(passed.length)),
    ...(spanId !== undefined && { spanId }),
  };
}

/** What all failed runs have and no passed one, or the other way round. */
function commonText(
  { common, others, isMissing = false }: Difference,
  failed: string,
  passed: string,
): string {
  if (isMissing) return `${common} in none of the ${failed}, in all ${passed} that passed`;
  const then = others === undefined ? `in none of the ${passed}` : `${others} in the ${passed}`;
  return `${common} in all ${failed}, ${then} that passed`;
}
