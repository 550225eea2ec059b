import { categoryOf, isError, keyOfId } from '../../../../core/problems/problem-key.ts';
import { isPlain } from '../../../../core/problems/said.ts';
import { sentenceOf, toldOf } from '../../../../core/problems/sentence.ts';
import { countOccurrences, unitsOf } from '../../../../core/problems/tally.ts';
import type { ReadOptions, SpanStore } from '../../../../core/store/store.ts';
import { isOfRoute } from '../../../../core/traces/model/shapes.ts';
import type { Change, ReportedProblem } from '../compare/change.ts';
import { compareReadings } from '../compare/compare.ts';
import { countsByRoute, requestsOf } from '../compare/news.ts';
import { readFlaky } from '../flaky/flaky-tests.ts';
import { routeKeyOf } from '../operations.ts';
import type { RunReading, RunScope } from '../read-run.ts';
import { readRun } from '../read-run.ts';
import {
  delayedRequests,
  problemsOf,
  readSightings,
  reportedOf,
  seenIn,
  sentenceOfProblem,
  undecidedIn,
} from '../run-problems.ts';
import type { TestReading } from '../test-reading.ts';
import { failuresIn, isTest, testsIn, withoutAbove } from '../test-reading.ts';
import { isOtherwiseTold, isSampled, readCalls, readTotals } from './counts.ts';
import { failedTestSentence } from './failed-test.ts';
import type { Verdict, VerdictProblem } from './schemas.ts';
import { slowestRoutes } from './slowest-routes.ts';

/** The newest traces of a run that a verdict looks at: it has to be there soon after the command's end. */
const WHOLE = { most: 5_000 };
/** While the command runs, a reading must not cost it anything. */
const WHILE_RUNNING = { most: 200, areEnded: true };
/** Of the last run so many of each route are read first: they tell whether anything may be new or gone. */
const FIRST_LOOK = { ...WHOLE, ofRoute: 20 };

/** What a verdict is to tell. */
interface VerdictOptions {
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
  { isRunning = false, sightings: areAsked = false }: VerdictOptions = {},
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
  const seen = areAsked ? await readSightings(store, head, options) : undefined;
  const flaky = isRunning ? [] : await readFlaky(store, head, options);
  const isAlone = totals.services === 1;
  const { newCauses, changes = [] } = base ? compareReadings(base, head, { comparesTimes: false }) : {};
  const [now, before] = [requestsOf(head), base ? requestsOf(base) : new Map<string, number>()];
  const firsts = countsByRoute(head, 'firsts');
  const causes = problemsOf(head, newCauses).map((problem): VerdictProblem => {
    const { keys, occurrences, oneRoute } = problem;
    const { advice, route, ...told } = reportedOf(problem, head, seen?.of);
    const isNew = keys.some((key) => newCauses?.has(key));
    const about = categoryOf(told.rule);
    const count = countOccurrences(occurrences);
    const routes = new Set(
      unitsOf(occurrences).flatMap((unit) =>
        unit.unit === count.unit && unit.isRequest ? routeKeyOf(unit) : [],
      ),
    );
    // Of a route that has no name each path counts, also one that has not failed.
    if (oneRoute !== undefined)
      for (const asked of [...now.keys(), ...before.keys()]) {
        const [service, name = ''] = JSON.parse(asked) as string[];
        if (service === told.service && isOfRoute(name, oneRoute)) routes.add(asked);
      }
    const sum = (of: ReadonlyMap<string, number>) =>
      [...routes].reduce((all, route) => all + (of.get(route) ?? 0), 0);
    const isOfTime = about === 'time';
    const usual = isOfTime ? sum(now) - sum(firsts) : sum(now);
    return {
      ...told,
      sentence: sentenceOfProblem(problem, head, isAlone),
      failure: about === 'errors',
      // An exception says more than an advice for all exceptions.
      ...(advice !== undefined && !isPlain(toldOf(problem)) && { advice }),
      ...(route !== '' && { route }),
      seen: count.seen,
      of: routes.size === 0 ? count.seen : usual,
      ...(isNew && { new: true, last_of: sum(before) }),
    };
  });
  return {
    ...totals,
    delayed: delayedRequests(head),
    truncated: head.truncated,
    ...(head.truncated && { read: [...now.values()].reduce((all, count) => all + count, 0) }),
    ...(now.size > 0 &&
      [...now].every(([route, count]) => count === firsts.get(route)) && { only_first: true }),
    ...(tests.length > 0 && { tests: countsOf(tests, flaky.length) }),
    ...(flaky.length > 0 && { flaky }),
    ...(calls && calls.made > 0 && { calls }),
    causes: [...failing.flatMap(failedTests), ...causes],
    ...(!isRunning && { routes: slowestRoutes(head) }),
    gone: changes.filter(isGone).flatMap(({ cause }) => (cause ? goneSentence(cause, isAlone) : [])),
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

/** Whether a problem may be new or gone since the last run. @param some of its requests */
function mayDiffer(some: RunReading, head: RunReading): boolean {
  const undecided = undecidedIn(head);
  const known = new Set(seenIn(some).map(({ key }) => key));
  const others = seenIn(head).filter(
    ({ key, occurrences: [first] }) =>
      categoryOf(first?.key.rule ?? '') !== 'time' && !known.has(key) && !undecided.has(key),
  );
  return others.length > 0 || compareReadings(some, head, { comparesTimes: false }).changes.some(isGone);
}

function isGone({ of, how }: Change): boolean {
  return of === 'cause' && how === 'gone';
}

/** What is gone, without figures of one trace. An error of a request without a route has its path. */
function goneSentence({ id, route }: Pick<ReportedProblem, 'id' | 'route'>, isAlone: boolean): string {
  const key = keyOfId(id);
  const hasPath = isError(key) && key.kind === 'server' && route.startsWith(`${key.name} /`);
  return sentenceOf(hasPath ? { ...key, name: route } : key, isAlone);
}

function failedTests({ label, key, failures }: TestReading): VerdictProblem[] {
  const service = key.slice(0, key.indexOf('\n'));
  return failures.map(({ message, traceId, after, place }) => ({
    ...{ rule: 'test', failure: true, sentence: failedTestSentence(label, message, after) },
    ...{ service, unit: 'test', seen: 1, of: 1 },
    ...place,
    trace_id: traceId,
  }));
}
