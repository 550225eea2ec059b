import type { Run } from '../../../../core/runs/schemas.ts';
import type { ReadOptions, SpanStore } from '../../../../core/store/store.ts';
import { differenceOf, differencesOf } from '../../../../core/traces/attempts/differences.ts';
import { problems } from '../../../../http/errors.ts';
import { getOrMake } from '../../../../lib/get-or-make.ts';
import { counted, formatCount } from '../../../../lib/text/words.ts';
import { fewText } from '../../few-runs.ts';
import { spansOf } from '../read-run.ts';
import { labelOf, withoutAbove } from '../test-reading.ts';
import type { TestAttempt } from '../test-spans.ts';
import { readTestSpans } from '../test-spans.ts';
import { unreadText } from './flaky-tests.ts';
import type { TracedAttempt } from './read-attempts.ts';
import { readAttempts } from './read-attempts.ts';
import type { RunsCompared } from './schemas.ts';

/** Failed and passed runs that a common difference needs at least; tests that are compared, and runs of each side. */
const [LEAST, MOST, MOST_RUNS] = [3, 20, 20];

/** Runs at most, and tests that are named because they ran in some runs only. */
export const MOST_COMPARED = 100;
const MOST_MISSING = 50;

const NOTHING_COMMON =
  'nothing that all failed runs have and no passed one: look at the test’s own code and data';

/** A test in one run: its failed and its passed attempts. */
interface Outcome {
  readonly failed: readonly TestAttempt[];
  readonly passed: readonly TestAttempt[];
}

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
  const outcomes = new Map<string, Map<string, Outcome>>();
  const told: RunsCompared['runs'] = [];
  for (const { id, name, tests, failed } of runs) {
    const { ofRun, read } = spansOf(store, { id }, options);
    const { attempts } = await readTestSpans(store, ofRun, read);
    told.push({ id, name, tests, failed });
    for (const [key, of] of attempts) {
      const by = (status: TestAttempt['status']) => of.filter((attempt) => attempt.status === status);
      const outcome = { failed: by('fail'), passed: by('pass') };
      if (outcome.failed.length + outcome.passed.length === 0) continue; // it skipped itself
      getOrMake(outcomes, key, () => new Map()).set(id, outcome);
    }
  }
  const withTests = runs.filter(({ id }) => [...outcomes.values()].some((of) => of.has(id))).length;
  const isUnsteady = ([, of]: [string, ReadonlyMap<string, Outcome>]) =>
    [...of.values()].some(({ failed }) => failed.length > 0) &&
    [...of.values()].some(({ passed }) => passed.length > 0);
  const leaves = withoutAbove([...outcomes], ([key]) => key);
  const unsteady = leaves.filter(isUnsteady);
  const sides = unsteady.slice(0, MOST).map(([, of]) => sidesOf(of));
  const traced = await readAttempts(
    store,
    sides.flatMap(({ failed, passed }) => [...failed, ...passed]),
    options,
  );
  return {
    runs: told,
    tests: leaves.length,
    unsteady: unsteady.map(([key, of], at) => {
      const { failed, passed } = sides[at] ?? { failed: [], passed: [] };
      const found = (some: readonly TestAttempt[]) => some.flatMap((each) => traced.get(each) ?? []);
      const told = unsteadyTest(key, of, found(failed), found(passed));
      return told.sentence === '' ? { ...told, sentence: unreadText(at, MOST) } : told;
    }),
    missing: leaves
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

/** One attempt of each run: where a test failed, the first one that did; else the last one. */
function sidesOf(of: ReadonlyMap<string, Outcome>) {
  const all = [...of.values()];
  const failed = all.flatMap((each) => each.failed[0] ?? []);
  const steady = all.flatMap((each) => (each.failed.length === 0 ? (each.passed.at(-1) ?? []) : []));
  // Without a run in which it passed at once, an attempt that passed after it had failed is all there is.
  const passed = steady.length > 0 ? steady : all.flatMap((each) => each.passed.at(-1) ?? []);
  return { failed: failed.slice(0, MOST_RUNS), passed: passed.slice(-MOST_RUNS) };
}

function unsteadyTest(
  key: string,
  of: ReadonlyMap<string, Outcome>,
  ours: readonly TracedAttempt[],
  theirs: readonly TracedAttempt[],
): RunsCompared['unsteady'][number] {
  const all = [...of.values()];
  const failed = all.filter((each) => each.failed.length > 0).length;
  const passed = all.length - failed;
  const [first, last] = [ours[0], theirs.at(-1)];
  const [own] = all.flatMap((each) => each.failed);
  const { sentence, spanId } = saidOf(ours, theirs, { failed, passed });
  const place = first?.place ?? { file: own?.file, line: own?.line };
  return {
    test: labelOf(key),
    service: key.slice(0, key.indexOf('\n')),
    ...(place.file && { file: place.file }),
    ...(place.line !== undefined && { line: place.line }),
    message: own?.failure || 'failed',
    ...{ failed, passed, sentence },
    trace_id: own?.traceId ?? '',
    span_id: first?.spanId ?? own?.body ?? '',
    ...(last && { other_trace_id: last.traceId, other_span_id: last.spanId }),
    ...(spanId !== undefined && { differs_at: spanId }),
  };
}

/** What failed runs have in common and passed ones lack; with few runs, what one of each differs in; empty where one side was not read. */
function saidOf(
  ours: readonly TracedAttempt[],
  theirs: readonly TracedAttempt[],
  { failed, passed }: { readonly failed: number; readonly passed: number },
): { readonly sentence: string; readonly spanId?: string } {
  if (ours.length === 0 || theirs.length === 0) return { sentence: '' };
  if (failed < LEAST || passed < LEAST) {
    const { sentence, ...at } = differenceOf(ours.slice(0, 1), theirs.slice(-1));
    return { ...at, sentence: `${fewText(failed, passed)}; in one of each: ${sentence}` };
  }
  const [common] = differencesOf(ours, theirs);
  if (common === undefined) return { sentence: NOTHING_COMMON };
  const { common: said, spanId } = common;
  return {
    sentence: `${said} in all ${counted(ours.length, 'run')} that failed, in none of the ${formatCount(theirs.length)} that passed`,
    ...(spanId !== undefined && { spanId }),
  };
}
