import { isGoneFrom, isNewInSample } from '../../../../core/problems/judge.ts';
import type { Occurrence } from '../../../../core/problems/occurrences.ts';
import { unitsOf } from '../../../../core/problems/tally.ts';
import { OUTSIDE, routeKeyOf } from '../operations.ts';
import type { RunReading } from '../read-run.ts';
import { seenIn } from '../run-problems.ts';
import type { TestReading } from '../test-reading.ts';
import { isTest } from '../test-reading.ts';

/**
 * What two runs can say of a cause that only one of them has: a run that did not ask for a route says nothing of its causes.
 * @param oldKey the key that a route of the head had in the base
 * @param areSamples whether each run has some traces of many: then chance may have left a cause out
 */
export function newsBetween(
  base: RunReading,
  head: RunReading,
  oldKey = (key: string) => key,
  areSamples = false,
) {
  const [before, now] = [requestsOf(base), requestsOf(head, oldKey)];
  const [tracesBefore, traces] = [countsByRoute(base, 'traces'), countsByRoute(head, 'traces', oldKey)];
  const [inBase, inHead] = [twinIn(base), twinIn(head)];
  const seenBefore = seenByRoute(base);
  const ran = (twin: ReturnType<typeof twinIn>, test: TestReading) =>
    test.key === OUTSIDE ? undefined : twin(test);

  // What was read of the base may lack by chance what the head has.
  const isPart = areSamples || base.truncated;

  return {
    /** The base asked for the route, or ran the test. */
    isNew: (test: TestReading, occurrences: readonly Occurrence[]) =>
      isPart
        ? [...Map.groupBy(occurrences, ({ unit }) => oldKey(routeKeyOf(unit)))].some(([route, of]) => {
            // Requests of one trace are no independent sample.
            const count = new Set(of.map(({ trace }) => trace)).size;
            const share = count / (traces.get(route) ?? count);
            return isNewInSample(share, tracesBefore.get(route) ?? 0);
          })
        : ran(inBase, test) !== undefined ||
          occurrences.some(({ unit }) => before.has(oldKey(routeKeyOf(unit)))),

    /** Each request of the base had it, and the head ran the same test, or both asked for the route often enough. */
    isGone(test: TestReading, occurrences: readonly Occurrence[], key: string): boolean {
      const routes = countsOf(occurrences);
      const twin = ran(inHead, test);
      const asked = new Set([...(twin?.routes.keys() ?? [])].map(oldKey));
      const isOfTest = [...routes].every(
        ([route, count]) =>
          (route === '' || test.routes.get(route)?.requests === count) &&
          // A test that failed may not have come to the request.
          (twin?.failure === '' || asked.has(route)),
      );
      if (twin !== undefined && isOfTest) return true;
      const count = (of: ReadonlyMap<string, number> | undefined, route: string) => of?.get(route) ?? 0;
      return [...routes.keys()].every((route) =>
        isGoneFrom({
          seen: count(seenBefore.get(key), route),
          before: count(before, route),
          now: count(now, route),
        }),
      );
    },
  };
}

/** Finds a test of another run: of equal service, else the only one of equal file and path. */
export function twinIn({ tests }: RunReading) {
  const byLabel = new Map([...tests.values()].filter(isTest).map((test) => [test.label, test]));
  return ({ key, label }: TestReading) => tests.get(key) ?? byLabel.get(label);
}

/** How many requests a run has of each route. */
export function requestsOf(run: RunReading, rekey?: (key: string) => string): ReadonlyMap<string, number> {
  return countsByRoute(run, 'requests', rekey);
}

/** How many requests, or the like, each route has. */
export function countsByRoute(
  { tests }: RunReading,
  of: 'requests' | 'traces' | 'firsts',
  rekey = (key: string) => key,
): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { routes } of tests.values())
    for (const [key, { route, [of]: count }] of routes)
      if (route !== '') counts.set(rekey(key), (counts.get(rekey(key)) ?? 0) + count);
  return counts;
}

/** By problem, how many requests of each route show it. */
function seenByRoute(run: RunReading): ReadonlyMap<string, ReadonlyMap<string, number>> {
  const byKey = Map.groupBy(seenIn(run), ({ key }) => key);
  return new Map(
    [...byKey].map(([key, seen]) => [key, countsOf(seen.flatMap(({ occurrences }) => occurrences))]),
  );
}

function countsOf(occurrences: readonly Occurrence[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const unit of unitsOf(occurrences)) {
    const route = routeKeyOf(unit);
    counts.set(route, (counts.get(route) ?? 0) + 1);
  }
  return counts;
}
