import { categoryOf } from '../../../causes/server/about.ts';
import { keyOfId } from '../../../causes/server/cause-key.ts';
import type { SeenCause } from '../cause-sights.ts';
import { causesOfRun } from '../causes-of-run.ts';
import { OUTSIDE } from '../operations.ts';
import type { RunReading } from '../read-run.ts';
import type { TestReading } from '../test-reading.ts';
import type { Change, ReportedCause } from './change.ts';
import { newsBetween, twinIn } from './news.ts';
import type { RenamedRoutes } from './pairs.ts';

/**
 * The causes that only one of two runs has, where the other could have shown them, and the keys of those of the head.
 * @param changes of routes in tests: a cause of time, or of calls, is new only with one of these
 */
export function changedCauses(
  base: RunReading,
  head: RunReading,
  {
    changes,
    renamed,
    areSamples,
  }: {
    readonly changes: readonly Change[];
    readonly renamed: RenamedRoutes;
    readonly areSamples: boolean;
  },
): { changes: Change[]; newCauses: ReadonlySet<string> } {
  // What only attempts show that do not decide is neither new nor gone.
  const known = new Set(Array.from(causesOfRun(base, any).keys(), (key) => renamed.newCauseKey(key)));
  const inHead = causesOfRun(head, any);
  const inBase = twinIn(base);
  const news = newsBetween(base, head, (key) => renamed.oldKey(key), areSamples);
  const slowTests = new Set(
    changes.flatMap(({ of, sure }) => (of === 'duration' && sure?.by === 'test' ? sure.test : [])),
  );
  const callingMore = changes.flatMap(({ of, how, route }) =>
    of === 'calls' && how === 'more' ? route : [],
  );
  const isNew = (seen: SeenCause, now: TestReading, key: string) => {
    const { cause } = seen;
    const about = categoryOf(cause.rule);
    const isSlower = slowTests.has(now.label);
    // A stall can look like a cause of time in the base, too.
    if (head.undecided.has(key)) return false;
    if (about === 'time') return isSlower;
    if (about === 'logs') return false;
    if (known.has(key) || !news.isNew(now, seen)) return false;
    if (inBase(now) === undefined || now.key === OUTSIDE) return true;
    if (about !== 'calls') return true;
    const own = [...now.routes.values()].map(({ route }) => route);
    return isSlower || callingMore.some((route) => cause.routes.length === 0 || own.includes(route ?? ''));
  };
  const isGone = (seen: SeenCause, test: TestReading, key: string) =>
    !areSamples &&
    !base.undecided.has(key) &&
    !/^(?:time|logs)$/.test(categoryOf(seen.cause.rule)) &&
    !inHead.has(renamed.newCauseKey(key)) &&
    news.isGone(test, seen, key);
  const [fresh, gone] = [causesOfRun(head, isNew), causesOfRun(base, isGone)];
  return {
    newCauses: new Set(fresh.keys()),
    changes: [
      ...[...fresh.values()].map((cause) => causeChange(areSamples ? 'other' : 'new', cause)),
      ...[...gone.values()].map((cause) => causeChange('gone', cause)),
    ],
  };
}

function any(): boolean {
  return true;
}

/** The change that a cause of one run is. */
export function causeChange(how: 'new' | 'gone' | 'other', cause: ReportedCause): Change {
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
    trace_id,
  };
}
