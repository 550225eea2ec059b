import type { SeenCause } from '../cause-sights.ts';
import { OUTSIDE } from '../operations.ts';
import type { RunReading } from '../read-run.ts';
import type { TestReading } from '../test-reading.ts';
import { isTest } from '../test-reading.ts';

/** With fewer requests of its route, a cause may be missing by chance. */
const LEAST_REQUESTS = 3;
/** A cause is new where a sample in which it is as frequent would lack it with a smaller chance. */
const CHANCE = 0.01;

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
  const seenBefore = sightsOf(base);
  const ran = (twin: ReturnType<typeof twinIn>, test: TestReading) =>
    test.key === OUTSIDE ? undefined : twin(test);

  // What was read of the base may lack by chance what the head has.
  const isPart = areSamples || base.truncated;

  return {
    /** The base asked for the route, or ran the test. */
    isNew: (test: TestReading, { sights }: SeenCause) =>
      isPart
        ? [...Map.groupBy(sights, ({ route }) => route)].some(([route, of]) => {
            // Requests of one trace are no independent sample.
            const count = new Set(of.map(({ cause }) => cause.trace_id)).size;
            const share = count / (traces.get(oldKey(route)) ?? count);
            return (1 - share) ** (tracesBefore.get(oldKey(route)) ?? 0) < CHANCE;
          })
        : ran(inBase, test) !== undefined || sights.some(({ route }) => before.has(oldKey(route))),

    /** Each request of the base had it, and the head ran the same test, or both asked for the route often enough. */
    isGone(test: TestReading, { sights }: SeenCause, key: string): boolean {
      const routes = countsOf(sights);
      const twin = ran(inHead, test);
      const asked = new Set([...(twin?.routes.keys() ?? [])].map(oldKey));
      const isOfTest = [...routes].every(
        ([route, count]) =>
          (route === '' || test.routes.get(route)?.requests === count) &&
          // A test that failed may not have come to the request.
          (twin?.failure === '' || asked.has(route)),
      );
      if (twin !== undefined && isOfTest) return true;
      return [...routes.keys()].every(
        (route) =>
          (before.get(route) ?? 0) >= LEAST_REQUESTS &&
          (now.get(route) ?? 0) >= LEAST_REQUESTS &&
          seenBefore.get(key)?.get(route) === before.get(route),
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
export function requestsOf(run: RunReading, keyOf?: (key: string) => string): ReadonlyMap<string, number> {
  return countsByRoute(run, 'requests', keyOf);
}

function countsByRoute(
  { tests }: RunReading,
  of: 'requests' | 'traces',
  keyOf = (key: string) => key,
): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { routes } of tests.values())
    for (const [key, { route, [of]: count }] of routes)
      if (route !== '') counts.set(keyOf(key), (counts.get(keyOf(key)) ?? 0) + count);
  return counts;
}

/** By cause, how many requests of each route show it. */
function sightsOf({ tests }: RunReading): ReadonlyMap<string, ReadonlyMap<string, number>> {
  const all = [...tests.values()].flatMap(({ causes }) => [...causes]);
  const byKey = Map.groupBy(all, ([key]) => key);
  return new Map([...byKey].map(([key, seen]) => [key, countsOf(seen.flatMap(([, { sights }]) => sights))]));
}

function countsOf(sights: SeenCause['sights']): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { route } of sights) counts.set(route, (counts.get(route) ?? 0) + 1);
  return counts;
}
