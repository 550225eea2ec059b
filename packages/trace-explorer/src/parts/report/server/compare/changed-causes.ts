import { isFact } from '../../../../core/problems/judge.ts';
import { categoryOf, isError, keyOfId, problemId } from '../../../../core/problems/problem-key.ts';
import { routeKeysOf } from '../../../../core/problems/unit-spans.ts';
import { fileKey } from '../../../../core/traces/model/code-place.ts';
import { getOrMake } from '../../../../lib/get-or-make.ts';
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
  // Nor is a file that has moved.
  const moved = movedBetween(
    before.filter(({ key, occurrences }) => !isIn(inHead, renamed.newCauseKey(key), occurrences)),
    now.filter(({ key, occurrences }) => !isIn(known, key, occurrences)),
  );
  for (const [key, old] of moved) {
    known.add(key);
    inHead.add(renamed.newCauseKey(old));
  }
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

/**
 * The problems of two runs that are one, as the file of their caller has moved: of a route, a statement and a function each run has
 * one that the other has not. Of several nobody knows which one has moved.
 * @param gone what only the base has
 * @param fresh what only the head has
 * @returns the keys of the base by those of the head
 */
function movedBetween(
  gone: readonly SeenInTest[],
  fresh: readonly SeenInTest[],
): ReadonlyMap<string, string> {
  const [before, now] = [keysByCaller(gone), keysByCaller(fresh)];
  return new Map(
    [...now].flatMap(([caller, [key, ...others]]) => {
      const [old, ...olds] = before.get(caller) ?? [];
      const isOne = key !== undefined && old !== undefined && others.length + olds.length === 0;
      return isOne ? [[key, old] as const] : [];
    }),
  );
}

/** The keys of problems by what a caller keeps when its file moves. */
function keysByCaller(all: readonly SeenInTest[]): ReadonlyMap<string, ReadonlySet<string>> {
  const keys = new Map<string, Set<string>>();
  for (const { key, occurrences } of all) {
    const caller = callerOf(occurrences);
    if (caller !== undefined) getOrMake(keys, caller, () => new Set<string>()).add(key);
  }
  return keys;
}

/** Undefined where no function is known, and without a caller. */
function callerOf([first]: SeenInTest['occurrences']): string | undefined {
  if (first === undefined || isError(first.key)) return undefined;
  const { key, place, unit } = first;
  const called = place?.function;
  if (called === undefined || key.caller !== `${fileKey(place?.file ?? '')} ${called}`) return undefined;
  return JSON.stringify([problemId({ ...key, caller: called }), unit.route]);
}
