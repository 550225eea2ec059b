import { isFact } from '../../../../core/problems/judge.ts';
import { categoryOf, keyOfId } from '../../../../core/problems/problem-key.ts';
import { routeKeysOf } from '../../../../core/problems/unit-spans.ts';
import { OUTSIDE } from '../operations.ts';
import type { RunReading } from '../read-run.ts';
import type { SeenInTest } from '../run-problems.ts';
import { joined, ofOneRoute, problemsNamed, reportedOf, seenIn, undecidedIn } from '../run-problems.ts';
import type { TestReading } from '../test-reading.ts';
import type { Change, ReportedProblem } from './change.ts';
import type { CompareOptions } from './compare.ts';
import { newsBetween, twinIn } from './news.ts';
import type { RenamedRoutes } from './pairs.ts';

/**
 * The problems that only one of two runs has, where the other could have shown them, and the keys of those of the head.
 * @param changes of routes in tests: a problem of time, or of calls, is new only with one of these
 */
export function changedCauses(
  base: RunReading,
  head: RunReading,
  {
    changes,
    renamed,
    areSamples = false,
    sightingsOf,
  }: Pick<CompareOptions, 'areSamples' | 'sightingsOf'> & {
    readonly changes: readonly Change[];
    readonly renamed: RenamedRoutes;
  },
): { changes: Change[]; newCauses: ReadonlySet<string> } {
  const [before, now] = [seenIn(base), seenIn(head)];
  const [inBaseUndecided, inHeadUndecided] = [undecidedIn(base), undecidedIn(head)];
  // What only attempts show that do not decide is neither new nor gone.
  // Another path of a problem's route is no other problem.
  const known = new Set(
    before.flatMap(({ key, occurrences }) => [renamed.newCauseKey(key), ...routeKeysOf(occurrences)]),
  );
  const inHead = new Set(now.flatMap(({ key, occurrences }) => [key, ...routeKeysOf(occurrences)]));
  const inBase = twinIn(base);
  const news = newsBetween(base, head, (key) => renamed.oldKey(key), areSamples);
  const slowTests = new Set(
    changes.flatMap(({ of, sure }) => (of === 'duration' && sure?.by === 'test' ? sure.test : [])),
  );
  const callingMore = changes.flatMap(({ of, how, route }) =>
    of === 'calls' && how === 'more' ? route : [],
  );
  const isNew = ({ key, test, occurrences }: SeenInTest) => {
    const about = aboutOf(occurrences);
    const isSlower = slowTests.has(test.label);
    // A stall can look like a problem of time in the base, too.
    if (inHeadUndecided.has(key)) return false;
    if (about === 'time') return isSlower;
    if (isFact(occurrences)) return false;
    if (isIn(known, key, occurrences) || !news.isNew(test, occurrences)) return false;
    if (inBase(test) === undefined || test.key === OUTSIDE) return true;
    if (about !== 'calls') return true;
    const own = [...test.routes.values()].map(({ route }) => route);
    return isSlower || callingMore.some((route) => own.includes(route ?? ''));
  };
  const isGone = ({ key, test, occurrences }: SeenInTest) =>
    !areSamples &&
    !inBaseUndecided.has(key) &&
    aboutOf(occurrences) !== 'time' &&
    !isFact(occurrences) &&
    !isIn(inHead, renamed.newCauseKey(key), occurrences) &&
    news.isGone(test, occurrences, key);
  const [fresh, gone] = [firstOf(now.filter(isNew)), firstOf(before.filter(isGone))];
  const how = areSamples ? 'other' : 'new';
  return {
    newCauses: new Set(fresh.keys()),
    changes: [
      ...joined(problemsNamed(head, fresh), head).map((problem) =>
        causeChange(how, reportedOf(problem, head, sightingsOf)),
      ),
      ...ofOneRoute(problemsNamed(base, gone)).map((problem) =>
        causeChange('gone', reportedOf(problem, base)),
      ),
    ],
  };
}

function isIn(keys: ReadonlySet<string>, key: string, occurrences: SeenInTest['occurrences']): boolean {
  return [key, ...routeKeysOf(occurrences)].some((each) => keys.has(each));
}

function aboutOf([first]: SeenInTest['occurrences']) {
  return categoryOf(first?.key.rule ?? '');
}

/** The first test of each problem. */
function firstOf(seen: readonly SeenInTest[]): ReadonlyMap<string, TestReading> {
  return new Map(seen.toReversed().map(({ key, test }) => [key, test]));
}

/** The change that a problem of one run is. */
function causeChange(how: 'new' | 'gone' | 'other', cause: ReportedProblem): Change {
  const { id, route, sentence, test, trace_id } = cause;
  return {
    of: 'cause',
    how,
    worse: how !== 'gone',
    service: keyOfId(id).service,
    route,
    sentence,
    ...(test !== undefined && { sure: { by: 'test', test } }),
    cause,
    ...(trace_id !== undefined && { trace_id }),
  };
}
