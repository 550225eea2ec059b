import { formatDuration } from '../../../core/shared/format-duration.ts';
import { mostOften, quoted } from '../../../core/shared/words.ts';
import { aboutOf, isOutside } from '../../causes/server/about.ts';
import { causeId, keyOfId } from '../../causes/server/cause-key.ts';
import { byWeight, weightOf } from '../../causes/server/order.ts';
import type { SeenCause, Sight } from './cause-sights.ts';
import { written } from './compare/compare-runs.ts';
import { newsBetween, twinIn } from './news.ts';
import { OUTSIDE, routeKey } from './operations.ts';
import type { RunReading } from './read-run.ts';
import type { Changes, ReportedCause, RouteChange, TestChange } from './schemas.ts';
import type { TestReading, TestRoute } from './test-reading.ts';
import { pathsAbove } from './test-reading.ts';
import { countSights, toldSights, worstOf } from './told-sights.ts';

/** Work that took this much longer in the same test is not chance: times and milliseconds. */
const SLOWER = { times: 3, ms: 100 };
/** A busy machine stalls single tests: times the difference of half of the tests, and at most so many milliseconds. */
const STALL = { times: 10, ms: 900 };
/** Where the tests of a run took this many times as long in the median, the machine was slower. */
const ALL_SLOWER = 2;
/** Shorter tests say nothing about the machine. */
const SHORT_MS = 50;
/** Sums of calls per request are not exact. */
const LEAST_CALLS = 1e-6;

/**
 * The changes in tests of equal path and file, and of how many tests. Calls, dependencies and errors are exact; a change in time
 * has to be large, and needs runs whose times can be compared.
 */
export function compareTests(base: RunReading, head: RunReading, comparesTimes: boolean) {
  const [inBase, inHead] = [twinIn(base), twinIn(head)];
  const hasSample = base.isSample || head.isSample;
  const pairs = [...head.tests.values()].flatMap((now) => {
    const before = inBase(now);
    return before === undefined ? [] : [{ before, now }];
  });
  const same = pairs.filter(({ now }) => now.key !== OUTSIDE);
  const renamed = renamedRoutes(same, base, head);
  const pace = paceOf(same);
  const into: Into = {
    totals: new Map(),
    more: new Map(),
    fewer: new Map(),
    statuses: new Map(),
    slower: new Map(),
  };
  const { totals, more, fewer, statuses, slower } = into;
  const compared = new Set<TestReading>();
  for (const pair of same)
    for (const route of pair.now.routes.values()) {
      const old = pair.before.routes.get(oldKey(renamed, routeKey(route.service, route.route)));
      if (old === undefined) continue;
      compared.add(pair.now);
      compareRoute(old, route, pair, pace, into);
    }
  // What one test loads for all moves to another test where the tests run in another order.
  for (const [key, total] of totals) {
    if (total < LEAST_CALLS) more.delete(key);
    if (total > -LEAST_CALLS) fewer.delete(key);
  }
  if (!comparesTimes) slower.clear();
  const known = new Set(Array.from(causesOfRun(base).keys(), (key) => renamedCause(key, renamed)));
  const inHeadCauses = causesOfRun(head);
  const news = newsBetween(base, head, (key) => oldKey(renamed, key));
  const isNew = (seen: SeenCause, now: TestReading, key: string) => {
    const { cause } = seen;
    const about = aboutOf(cause.rule);
    const isSlower = [...slower.values()].some(({ test }) => test === now.label);
    // A stall can look like a cause of time in the base, too.
    if (about === 'time') return isSlower;
    if (about === 'logs') return false;
    if (known.has(key) || !news.isNew(now, seen)) return false;
    if (inBase(now) === undefined || now.key === OUTSIDE) return true;
    if (about !== 'calls') return true;
    const own = [...now.routes.values()].map(({ route }) => route);
    const callsMore = [...more.values()].some(
      ({ route }) => cause.routes.length === 0 || own.includes(route),
    );
    return callsMore || isSlower;
  };
  const isGone = (seen: SeenCause, test: TestReading, key: string) =>
    !hasSample &&
    !/^(?:time|logs)$/.test(aboutOf(seen.cause.rule)) &&
    !inHeadCauses.has(renamedCause(key, renamed)) &&
    news.isGone(test, seen, key);
  const only = (run: RunReading, twin: ReturnType<typeof twinIn>) =>
    hasSample
      ? []
      : [...run.tests.values()].filter((test) => test.key !== OUTSIDE && !twin(test)).map(changeOf);
  const fresh = causesOfRun(head, isNew);
  const targets = new Set(base.dependencies.map(({ service, target }) => routeKey(service, target)));
  return {
    tests: compared.size,
    fresh,
    new_causes: [...fresh.values()],
    gone_causes: [...causesOfRun(base, isGone).values()],
    more_calls: ordered(more),
    fewer_calls: ordered(fewer),
    statuses: ordered(statuses),
    slower: ordered(slower),
    new_dependencies: head.dependencies.filter(
      ({ service, target }) => !targets.has(routeKey(service, target)),
    ),
    renamed_routes: [...renamed.values()],
    new_tests: only(head, inBase),
    gone_tests: only(base, inHead),
    newly_failing: withoutAbove(
      same.filter(({ before, now }) => now.failure && !before.failure).map(changeOfPair),
    ),
    mended: withoutAbove(same.filter(({ before, now }) => before.failure && !now.failure).map(changeOfPair)),
  };
}

/** Without the tests that are told by their subtests. */
export function withoutAbove<T extends { readonly test: string }>(tests: readonly T[]): T[] {
  const above = pathsAbove(tests.map(({ test }) => test));
  return tests.filter(({ test }) => !above.has(test));
}

function changeOf({ label, traceId }: TestReading): TestChange {
  return { test: label, trace_id: traceId };
}

function changeOfPair({ before, now }: Pair) {
  return { ...changeOf(now), base_trace_id: before.traceId };
}

/** The causes of a run that a condition takes, each once, with a test that shows it, by their keys; the worst first. */
export function causesOfRun(
  { tests }: RunReading,
  takes: (seen: SeenCause, test: TestReading, key: string) => boolean = () => true,
): Map<string, ReportedCause> {
  const causes = new Map<string, ReportedCause>();
  const weights = new Map<string, number>();
  const all = Map.groupBy(
    [...tests.values()].flatMap((test) => [...test.causes].map(([key, seen]) => ({ key, seen }))),
    ({ key }) => key,
  );
  for (const test of tests.values())
    for (const [key, seen] of test.causes) {
      const { cause, route, sights } = seen;
      weights.set(key, (weights.get(key) ?? 0) + weightIn(sights));
      const isOfMachine = isOutside(sights.map(({ cause }) => cause));
      if (causes.has(key) || isOfMachine || !takes(seen, test, key)) continue;
      const ofAll = all.get(key)?.flatMap(({ seen }) => seen.sights) ?? sights;
      const worst = worstOf(ofAll) ?? { cause };
      const { id, rule, advice, trace_id = '' } = worst.cause;
      const sentence = toldSights(worst, ofAll, route);
      const line = worst.cause.line ?? mostOften(ofAll.flatMap(({ cause }) => cause.line ?? []));
      const at = test.key !== OUTSIDE && { test: test.label };
      const optional = { ...(line && { line }), ...(advice && { advice }) };
      causes.set(key, { id, rule, sentence, route, ...optional, ...at, ...estimateOf(sights), trace_id });
    }
  const ordered = ([key]: [string, ReportedCause]) => ({
    isOutside: false,
    isNew: false,
    weight: weights.get(key) ?? 0,
  });
  return new Map([...causes].toSorted((a, b) => byWeight(ordered(a), ordered(b))));
}

/** What some sights of a cause weigh together. */
export function weightIn(sights: readonly Sight[]): number {
  return sights.reduce((sum, { cause }) => sum + weightOf(cause), 0);
}

/** The unit in which a cause is counted; and how many have it, if any of them is a sample. */
function estimateOf(sights: readonly Sight[]): Pick<ReportedCause, 'unit' | 'requests' | 'seen'> {
  const { unit, count, seen } = countSights(sights);
  return { unit, ...(count > seen && { requests: count, seen }) };
}

/** Tells growth and slowness, beyond the machine's effect on all tests of a run. Milliseconds. */
function paceOf(pairs: readonly Pair[]) {
  const length = ({ times }: TestReading) => Math.max(SHORT_MS, times.ms);
  const growth = medianOf(pairs.map(({ before, now }) => length(now) / length(before)));
  const differences = pairs.map(({ before, now }) => Math.abs(now.times.ms - before.times.ms));
  const least = SLOWER.ms + Math.min(STALL.ms, STALL.times * medianOf(differences));
  const together = pairs.length > 2 && growth >= ALL_SLOWER ? growth : 1;
  const grew = (before: number, now: number) => now - before >= least;
  const isSlower = (before: number, now: number) =>
    now >= SLOWER.times * together * before && grew(together * before, now);
  return { grew, isSlower };
}

function medianOf(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

/** A test in both runs. */
interface Pair {
  readonly before: TestReading;
  readonly now: TestReading;
}

type ChangeMap = Map<string, RouteChange & { by: number }>;

interface Into extends Readonly<Record<'more' | 'fewer' | 'statuses' | 'slower', ChangeMap>> {
  /** By how much the calls of an operation by a route's request grew, over all tests. */
  readonly totals: Map<string, number>;
}

/** Compares a route in the same test of both runs. */
function compareRoute(
  old: TestRoute,
  now: TestRoute,
  tests: Pair,
  pace: ReturnType<typeof paceOf>,
  { totals, more, fewer, statuses, slower }: Into,
): void {
  const { service, route } = now;
  const place = { service, route: route || 'the test itself', ...changeOfPair(tests) };
  let isExplained = false;
  const [before, after] = [old, now].map(({ statuses }) => [...new Set(statuses)].toSorted().join(', '));
  // A test that asks until it likes the answer asks another number of times.
  if (old.requests === now.requests && before && after && before !== after)
    keep(statuses, routeKey(service, route), { ...place, sentence: `status ${before} → ${after}`, by: 1 });
  for (const operation of new Set([...old.calls.keys(), ...now.calls.keys()])) {
    const [earlier, call] = [old.calls.get(operation), now.calls.get(operation)];
    const [was, is] = [(earlier?.count ?? 0) / old.requests, (call?.count ?? 0) / now.requests];
    // A test that fails may not come to its calls.
    if (is < was && tests.now.failure !== '') continue;
    const key = routeKey(service, `${route} ${operation}`);
    totals.set(key, (totals.get(key) ?? 0) + is - was);
    const sentence = `${quoted(operation)} ${written(was)} → ${written(is)}`;
    keep(is > was ? more : fewer, key, {
      ...{ ...place, sentence, before: was, now: is },
      by: Math.abs(is - was),
    });
    isExplained ||= is > was;
    // The longest of more calls is longer by chance.
    if (!earlier || !call || is > was || !pace.isSlower(earlier.longest, call.longest)) continue;
    isExplained = true;
    keep(slower, key, {
      ...{ ...place, before: earlier.longest, now: call.longest },
      sentence: `${quoted(operation)} ${formatDuration(earlier.longest)} → ${formatDuration(call.longest)}`,
      by: call.longest - earlier.longest,
    });
  }
  const waits = old.overlaps > 0 && now.overlaps === 0 && now.calls.size > 0;
  // No slower machine changes the order of calls.
  const isSlower = waits ? pace.grew : pace.isSlower;
  if (isExplained || !isSlower(old.longest, now.longest)) return;
  const times = `${formatDuration(old.longest)} → ${formatDuration(now.longest)}`;
  const sentence = waits ? `calls that ran side by side wait for each other: ${times}` : times;
  const longest = { before: old.longest, now: now.longest };
  keep(slower, routeKey(service, route), {
    ...{ ...place, ...longest, sentence },
    by: now.longest - old.longest,
  });
}

/** Keeps the test in which a change is largest. */
function keep<T extends { readonly by: number }>(into: Map<string, T>, key: string, change: T): void {
  if (change.by > (into.get(key)?.by ?? 0)) into.set(key, change);
}

function ordered(changes: ReadonlyMap<string, RouteChange & { by: number }>): RouteChange[] {
  return [...changes.values()].toSorted((a, b) => b.by - a.by).map(({ by: _, ...change }) => change);
}

type Renamed = ReadonlyMap<string, Changes['renamed_routes'][number]>;

/** Routes that one run has under one name and the other under another, in the same tests, by the key of the new name. */
function renamedRoutes(pairs: readonly Pair[], base: RunReading, head: RunReading): Renamed {
  const all = ({ tests }: RunReading) =>
    new Set([...tests.values()].flatMap(({ routes }) => [...routes.keys()]));
  const [before, after] = [all(base), all(head)];
  const renamed = new Map<string, Changes['renamed_routes'][number]>();
  for (const pair of pairs) {
    const gone = [...pair.before.routes].filter(([key]) => !after.has(key));
    const fresh = [...pair.now.routes].filter(([key]) => !before.has(key));
    const [[, from] = [], [key, to] = []] = [gone[0], fresh[0]];
    if (gone.length !== 1 || fresh.length !== 1 || !from || !to || key === undefined) continue;
    const { test: _, ...traces } = changeOfPair(pair);
    if (from.service === to.service)
      renamed.set(key, { service: to.service, from: from.route, to: to.route, ...traces });
  }
  return renamed;
}

function oldKey(renamed: Renamed, key: string): string {
  const old = renamed.get(key);
  return old === undefined ? key : routeKey(old.service, old.from);
}

/** The key that a cause of the base has in the head, where its route has a new name. */
function renamedCause(ofBase: string, renamed: Renamed): string {
  if (ofBase.includes(' ')) return ofBase; // of a server that names no routes
  const key = keyOfId(ofBase);
  const to = [...renamed.values()].find(({ service, from }) => service === key.service && from === key.name);
  return to === undefined ? ofBase : causeId({ ...key, name: to.to });
}
