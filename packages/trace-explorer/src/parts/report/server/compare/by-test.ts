import { formatDuration } from '../../../../lib/text/format-duration.ts';
import { quoted } from '../../../../lib/text/words.ts';
import { routeKey } from '../operations.ts';
import type { RunReading } from '../read-run.ts';
import type { TestReading, TestRoute } from '../test-reading.ts';
import { isTest, withoutAbove } from '../test-reading.ts';
import { written } from './by-chance.ts';
import type { Change } from './change.ts';
import { changedCauses } from './changed-causes.ts';
import type { CompareOptions } from './compare.ts';
import { twinIn } from './news.ts';
import type { Pace } from './pace.ts';
import { paceOf } from './pace.ts';
import type { RenamedRoute, TestPair } from './pairs.ts';
import { pairsOf, RenamedRoutes } from './pairs.ts';

/** Sums of calls per request are not exact. */
const LEAST_CALLS = 1e-6;

/**
 * The changes in tests of equal path and file, and of how many tests. Calls, dependencies and errors are exact; a change in time
 * has to be large, and needs runs whose times can be compared.
 */
export function byTest(
  base: RunReading,
  head: RunReading,
  { comparesTimes = true, areSamples = false, sightingsOf }: CompareOptions,
): { changes: Change[]; tests: number; newCauses: ReadonlySet<string> } {
  const pairs = pairsOf(base, head);
  const renamed = new RenamedRoutes(pairs, base, head);
  const pace = paceOf(pairs);
  const routes = pairs.flatMap((pair) =>
    [...pair.now.routes.values()].flatMap((now) => {
      const old = pair.before.routes.get(renamed.oldKey(routeKey(now.service, now.route)));
      return old === undefined ? [] : [{ pair, old, now }];
    }),
  );
  const measured = routes.flatMap(({ pair, old, now }) => measure(old, now, pair, pace));
  const ofRoutes = keepLargest(measured).filter(({ of }) => comparesTimes || of !== 'duration');
  const { changes: ofCauses, newCauses } = changedCauses(base, head, {
    changes: ofRoutes,
    renamed,
    areSamples,
    sightingsOf,
  });
  return {
    tests: new Set(routes.map(({ pair }) => pair.now)).size,
    newCauses,
    changes: [
      ...ofCauses,
      ...ofRoutes,
      ...dependencyChanges(base, head, areSamples),
      ...[...renamed].map(renamedChange),
      ...testChanges(pairs, base, head, areSamples),
    ],
  };
}

/** A change in one test. */
interface Measured {
  readonly change: Change;
  /** What changed: of several tests with it, one is told. */
  readonly key: string;
  /** How large it is. */
  readonly by: number;
}

/** Compares a route in the same test of both runs. */
function measure(old: TestRoute, now: TestRoute, pair: TestPair, pace: Pace): Measured[] {
  const { service, route } = now;
  const all: Measured[] = [];
  const found = (
    key: string,
    by: number,
    said: Pick<Change, 'of' | 'how' | 'worse' | 'sentence' | 'before' | 'now'>,
  ) => {
    const { of, how, worse, ...rest } = said;
    const place = { service, route: route || 'the test itself' };
    all.push({ key, by, change: { of, how, worse, ...place, ...rest, ...shownBy(pair) } });
  };
  const [before, after] = [old, now].map(({ statuses }) => [...new Set(statuses)].toSorted().join(', '));
  // A test that asks until it likes the answer asks another number of times.
  if (old.requests === now.requests && before && after && before !== after)
    found(routeKey(service, route), 1, {
      of: 'status',
      how: 'other',
      worse: false,
      sentence: `status ${before} → ${after}`,
    });
  let isExplained = false;
  for (const operation of new Set([...old.calls.keys(), ...now.calls.keys()])) {
    const [earlier, call] = [old.calls.get(operation), now.calls.get(operation)];
    const [was, is] = [(earlier?.count ?? 0) / old.requests, (call?.count ?? 0) / now.requests];
    // A test that fails may not come to its calls.
    if (is < was && pair.now.failure !== '') continue;
    const key = routeKey(service, `${route} ${operation}`);
    const worse = is > was;
    const sentence = `${quoted(operation)} ${written(was)} → ${written(is)}`;
    const how = worse ? 'more' : 'fewer';
    if (is !== was)
      found(key, Math.abs(is - was), { of: 'calls', how, worse, sentence, before: was, now: is });
    isExplained ||= worse;
    // The longest of more calls is longer by chance.
    if (!earlier || !call || worse || !pace.isSlower(earlier.longest, call.longest)) continue;
    isExplained = true;
    found(key, call.longest - earlier.longest, {
      of: 'duration',
      how: 'slower',
      worse: true,
      sentence: `${quoted(operation)} ${formatDuration(earlier.longest)} → ${formatDuration(call.longest)}`,
      before: earlier.longest,
      now: call.longest,
    });
  }
  const waits = old.overlaps > 0 && now.overlaps === 0 && now.calls.size > 0;
  // No slower machine changes the order of calls.
  const isSlower = waits ? pace.grew : pace.isSlower;
  if (isExplained || !isSlower(old.longest, now.longest)) return all;
  const times = `${formatDuration(old.longest)} → ${formatDuration(now.longest)}`;
  found(routeKey(service, route), now.longest - old.longest, {
    of: 'duration',
    how: 'slower',
    worse: true,
    sentence: waits ? `calls that ran side by side wait for each other: ${times}` : times,
    before: old.longest,
    now: now.longest,
  });
  return all;
}

/** Kinds of changes of routes, in their order. */
const KINDS = ['calls more', 'calls fewer', 'status other', 'duration slower'] as const;

/** Of each change the test in which it is largest, the largest changes of a kind first. */
function keepLargest(measured: readonly Measured[]): Change[] {
  /** By how much the calls of an operation by a route's request grew, over all tests. */
  const totals = new Map<string, number>();
  for (const { key, by, change } of measured)
    if (change.of === 'calls') totals.set(key, (totals.get(key) ?? 0) + (change.worse ? by : -by));
  const byKind = Map.groupBy(measured, ({ change }) => `${change.of} ${change.how}`);
  return KINDS.flatMap((kind) => {
    const largest = new Map<string, Measured>();
    for (const each of byKind.get(kind) ?? []) {
      // What one test loads for all moves to another test where the tests run in another order.
      const total = totals.get(each.key) ?? 0;
      if (each.change.of === 'calls' && (each.change.worse ? total : -total) < LEAST_CALLS) continue;
      if (each.by > (largest.get(each.key)?.by ?? 0)) largest.set(each.key, each);
    }
    return [...largest.values()].toSorted((a, b) => b.by - a.by).map(({ change }) => change);
  });
}

/** The test that shows a change, and its traces. */
function shownBy({ before, now }: TestPair): Pick<Change, 'sure' | 'trace_id' | 'base_trace_id'> {
  return {
    sure: { by: 'test', test: now.label },
    trace_id: now.traceId,
    base_trace_id: before.traceId,
  };
}

function dependencyChanges(base: RunReading, head: RunReading, areSamples: boolean): Change[] {
  const targets = new Set(base.dependencies.map(({ service, target }) => routeKey(service, target)));
  return head.dependencies
    .filter(({ service, target }) => !targets.has(routeKey(service, target)))
    .map(({ service, target, trace_id }) => ({
      of: 'dependency',
      how: areSamples ? 'other' : 'new',
      worse: false,
      service,
      sentence: `${service} ${areSamples ? '' : 'now '}calls ${target}`,
      trace_id,
    }));
}

function renamedChange({ service, from, to, pair }: RenamedRoute): Change {
  return {
    of: 'route',
    how: 'renamed',
    worse: false,
    service,
    route: to,
    sentence: `${from} is now ${to}`,
    ...shownBy(pair),
  };
}

/** The tests that only one run has, and those that fail in one. */
function testChanges(
  pairs: readonly TestPair[],
  base: RunReading,
  head: RunReading,
  areSamples: boolean,
): Change[] {
  const changeOf = (how: Change['how'], { key, label, traceId }: TestReading): Change => ({
    of: 'test',
    how,
    worse: how === 'failing',
    service: key.slice(0, key.indexOf('\n')),
    sentence: label,
    sure: { by: 'test', test: label },
    trace_id: traceId,
  });
  const only = (how: 'new' | 'gone', run: RunReading, twin: ReturnType<typeof twinIn>) =>
    [...run.tests.values()].filter((test) => isTest(test) && !twin(test)).map((test) => changeOf(how, test));
  const failing = (how: 'failing' | 'mended', isSo: (pair: TestPair) => boolean) =>
    withoutAbove(
      pairs.filter(isSo).map((pair) => ({ ...changeOf(how, pair.now), ...shownBy(pair) })),
      ({ sentence }) => sentence,
    );
  return [
    ...(areSamples ? [] : [...only('new', head, twinIn(base)), ...only('gone', base, twinIn(head))]),
    ...failing('failing', ({ before, now }) => now.failure !== '' && before.failure === ''),
    ...failing('mended', ({ before, now }) => before.failure !== '' && now.failure === ''),
  ];
}
