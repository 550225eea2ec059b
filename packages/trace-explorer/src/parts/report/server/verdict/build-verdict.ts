import type { ReadOptions, SpanStore } from '../../../../core/store/store.ts';
import { isPlain } from '../../../causes/said.ts';
import { categoryOf, isOutside as isOutsideOfAll } from '../../../causes/server/about.ts';
import { keyOfId } from '../../../causes/server/cause-key.ts';
import { byWeight } from '../../../causes/server/order.ts';
import { alikeOf, othersText } from '../../../causes/server/told/rests.ts';
import { sentenceOf } from '../../../causes/server/words.ts';
import type { Sight } from '../cause-sights.ts';
import { causesOfRun, weightIn } from '../causes-of-run.ts';
import type { Change } from '../compare/change.ts';
import { compareReadings } from '../compare/compare.ts';
import { requestsOf } from '../compare/news.ts';
import { readFlaky } from '../flaky/flaky-tests.ts';
import { OUTSIDE } from '../operations.ts';
import type { RunReading, RunScope } from '../read-run.ts';
import { readRun } from '../read-run.ts';
import { readSightings } from '../run-sightings.ts';
import type { TestReading } from '../test-reading.ts';
import { failuresIn, isTest, testsIn, withoutAbove } from '../test-reading.ts';
import { codePlaceOf, countSights, toldSights, worstOf } from '../told-sights.ts';
import { isOtherwiseTold, isSampled, readCalls, readTotals } from './counts.ts';
import { failedTestSentence } from './failed-test.ts';
import type { Verdict, VerdictCause } from './schemas.ts';
import { slowestRoutes } from './slowest-routes.ts';

/** The newest traces of a run that a verdict looks at: it has to be there soon after the command's end. */
const WHOLE = { most: 5_000 };
/** While the command runs, a reading must not cost it anything. */
const WHILE_RUNNING = { most: 200, areEnded: true };
/** Of the last run so many of each route are read first: they tell whether anything may be new or gone. */
const FIRST_LOOK = { ...WHOLE, ofRoute: 20 };

/** A cause over all tests of a run, without what is left out. */
interface CauseSights {
  readonly key: string;
  readonly route: string;
  readonly sights: readonly Sight[];
  readonly worst: Sight;
  readonly isOutside: boolean;
  readonly test: string | undefined;
  /** Of the rest of many alike: the others of them, and the keys of all. */
  readonly others?: number;
  readonly keys?: readonly string[];
}

/** What a verdict is to tell. */
interface Asked {
  /** The command still runs: only its newest whole traces are read. */
  readonly isRunning?: boolean | undefined;
  /** Whether a project's file of known problems is compared with what was seen of each cause. */
  readonly sightings?: boolean | undefined;
}

/**
 * What a run says at its end.
 * @param last the run before of the same command, where it is known
 */
export async function buildVerdict(
  store: SpanStore,
  scope: RunScope,
  last: RunScope | undefined,
  options: ReadOptions,
  { isRunning = false, sightings: areAsked = false }: Asked = {},
): Promise<Verdict> {
  const [head, some, totals, isLastOther] = await Promise.all([
    readRun(store, scope, options, isRunning ? WHILE_RUNNING : WHOLE),
    last && readRun(store, last, options, FIRST_LOOK),
    readTotals(store, scope, options),
    last && isOther(store, scope, last, options),
  ]);
  const known = totals.sampled || isLastOther ? undefined : some;
  const base = last && known && mayDiffer(known, head) ? await readRun(store, last, options, WHOLE) : known;
  const calls = totals.requests + totals.messages === 0 && (await readCalls(store, scope, options));
  const tests = [...head.tests.values()].filter(isTest);
  const failing = withoutAbove(
    tests.filter(({ failure }) => failure !== ''),
    ({ label }) => label,
  );
  const seenOf = areAsked ? (await readSightings(store, head, options)).ofKey : undefined;
  const flaky = isRunning ? [] : await readFlaky(store, head, options);
  const isAlone = totals.services === 1;
  const { newCauses, changes = [] } = base ? compareReadings(base, head, { comparesTimes: false }) : {};
  const [now, before] = [requestsOf(head), base ? requestsOf(base) : new Map<string, number>()];
  const ordered = ({ key, sights }: CauseSights) => ({
    isOutside: false,
    isNew: newCauses?.has(key) === true,
    weight: weightIn(sights),
  });
  const inOrder = (all: readonly CauseSights[]) => all.toSorted((a, b) => byWeight(ordered(a), ordered(b)));
  const seen = inOrder(sightsBy(head).filter(({ isOutside }) => !isOutside));
  const causes = inOrder(
    alikeOf(seen, ({ worst }) => worst.cause.id).flatMap(({ own, rest }) => [...own, ...together(rest)]),
  ).map(({ key, keys = [key], route, test, sights, worst, others = 0 }): VerdictCause => {
    const { id, rule, advice, service, trace_id } = worst.cause;
    const { unit, count, seen } = countSights(sights);
    const routes = new Set(
      sights.filter((sight) => sight.unit === unit && sight.route !== '').map((sight) => sight.route),
    );
    const sum = (of: ReadonlyMap<string, number>) =>
      [...routes].reduce((all, route) => all + (of.get(route) ?? 0), 0);
    const isOfTime = categoryOf(rule) === 'time';
    return {
      id,
      rule,
      failure: categoryOf(rule) === 'errors',
      ...(categoryOf(rule) === 'logs' && { fact: true }),
      sentence: `${toldSights(worst, sights, route, isAlone)}${others > 0 ? othersText(keyOfId(id), others) : ''}`,
      // An exception says more than an advice for all exceptions.
      ...(advice !== undefined && !isPlain(worst.cause) && { advice }),
      service,
      ...(route !== '' && { route }),
      ...(test && { test }),
      ...{ unit, seen },
      ...(count > seen && { requests: count }),
      of: routes.size === 0 ? seen : sum(now) - (isOfTime ? routes.size : 0),
      ...(isOfTime && { after_first: true }),
      ...(newCauses?.has(key) && { new: true, last_of: sum(before) }),
      ...codePlaceOf(worst, sights),
      ...(trace_id !== undefined && { trace_id }),
      ...(seenOf && { sightings: keys.flatMap(seenOf) }),
    };
  });
  return {
    ...totals,
    delayed: delayedOf(head),
    truncated: head.truncated,
    ...(head.truncated && { read: [...now.values()].reduce((all, count) => all + count, 0) }),
    ...(now.size > 0 && [...now.values()].every((count) => count === 1) && { only_first: true }),
    ...(tests.length > 0 && { tests: countsOf(tests, flaky.length) }),
    ...(flaky.length > 0 && { flaky }),
    ...(calls && calls.made > 0 && { calls }),
    causes: [...failing.flatMap(failedTests), ...causes],
    routes: slowestRoutes(head),
    gone: changes
      .filter(isGone)
      .flatMap(({ cause }) => (cause ? sentenceOf(keyOfId(cause.id), isAlone) : [])),
  };
}

/** Whether nothing is new or gone beside the last run: it is a sample, or other versions of its instrumentation told of it. */
async function isOther(
  store: SpanStore,
  scope: RunScope,
  last: RunScope,
  options: ReadOptions,
): Promise<boolean> {
  return (await isSampled(store, last, options)) || isOtherwiseTold(store, scope, last, options);
}

function countsOf(tests: readonly TestReading[], flaky: number): NonNullable<Verdict['tests']> {
  const failed = failuresIn(tests);
  return { passed: testsIn(tests) - failed, failed, ...(flaky > 0 && { flaky }) };
}

/** Whether a cause may be new or gone since the last run. @param some of its requests */
function mayDiffer(some: RunReading, head: RunReading): boolean {
  const known = causesOfRun(some);
  const others = causesOfRun(
    head,
    ({ cause }, _test, key) => categoryOf(cause.rule) !== 'time' && !known.has(key),
  );
  return others.size > 0 || compareReadings(some, head, { comparesTimes: false }).changes.some(isGone);
}

function isGone({ of, how }: Change): boolean {
  return of === 'cause' && how === 'gone';
}

/** The causes of a run, each with a test that shows it. */
function sightsBy({ tests, undecided }: RunReading): CauseSights[] {
  const all = [...tests.values()]
    .flatMap((test) => [...test.causes, ...test.ownErrors].map(([key, seen]) => ({ key, seen, test })))
    .filter(({ key }) => !undecided.has(key));
  return [...Map.groupBy(all, ({ key }) => key)].flatMap(([key, inTests]) => {
    const every = inTests.flatMap(({ seen }) => seen.sights);
    const usual = every.filter(({ isFirst }) => !isFirst);
    const sights = every.some(({ cause }) => categoryOf(cause.rule) === 'time') ? usual : every;
    const worst = worstOf(sights);
    const test = inTests.find(({ test }) => test.key !== OUTSIDE)?.test.label;
    const route = inTests.at(-1)?.seen.route ?? '';
    const isOutside = isOutsideOfAll(sights.map(({ cause }) => cause));
    return worst === undefined ? [] : [{ key, route, sights, worst, isOutside, test }];
  });
}

/** Several causes as one, which says the first; a request that has several of them counts once. */
function together([first, ...others]: readonly CauseSights[]): CauseSights[] {
  if (first === undefined) return [];
  const all = [first, ...others].flatMap(({ sights }) => sights);
  const requests = Map.groupBy(all, ({ cause, route }) => `${cause.trace_id} ${route}`);
  const sights = [...requests.values()].flatMap((of) => worstOf(of) ?? []);
  return [{ ...first, sights, others: others.length, keys: [first, ...others].map(({ key }) => key) }];
}

/** How many requests waited for a processor, so that what they say of time is of the machine. */
function delayedOf({ tests }: RunReading): number {
  const sights = [...tests.values()].flatMap(({ causes }) =>
    [...causes.values()].flatMap((seen) => seen.sights),
  );
  const isDelayed = ({ unit, isStarved }: Sight) => isStarved && /^(?:request|message)$/.test(unit);
  return new Set(sights.filter(isDelayed).map(({ cause, route }) => `${cause.trace_id} ${route}`)).size;
}

function failedTests({ label, key, failures }: TestReading): VerdictCause[] {
  const service = key.slice(0, key.indexOf('\n'));
  return failures.map(({ message, traceId, after, place }) => ({
    ...{ rule: 'test', failure: true, sentence: failedTestSentence(label, message, after) },
    ...{ service, unit: 'test', seen: 1, of: 1 },
    ...place,
    trace_id: traceId,
  }));
}
