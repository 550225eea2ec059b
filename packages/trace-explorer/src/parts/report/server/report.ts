import type { AskedRoute } from '../../../core/problems/file/accepted.ts';
import { routeShape } from '../../../core/problems/unit-spans.ts';
import type { Run } from '../../../core/runs/schemas.ts';
import type { ReadOptions, SpanStore } from '../../../core/store/store.ts';
import { getOrMake } from '../../../lib/get-or-make.ts';
import { SCORED_RULES } from '../../verify/server/score.ts';
import { verify } from '../../verify/server/verify.ts';
import { hasSection } from '../sections.ts';
import { MIN_REQUESTS } from './compare/chance.ts';
import type { Change } from './compare/change.ts';
import { checkWeights } from './compare/check-weights.ts';
import { compareReadings } from './compare/compare.ts';
import { readRoutes } from './compare/read-routes.ts';
import { readFlaky } from './flaky/flaky-tests.ts';
import { routeKey } from './operations.ts';
import type { RunReading } from './read-run.ts';
import { readRun } from './read-run.ts';
import { problemsOf, readSightings, reportedOf } from './run-problems.ts';
import type { RunReport } from './schemas.ts';
import type { TestReading } from './test-reading.ts';
import { failuresIn, isTest, pathsAbove, testsIn, withoutAbove } from './test-reading.ts';

/** Tests that a report names as the longest. */
const LONGEST = 5;
const NANOSECONDS = 1_000_000n;

/** What a report is to tell. */
interface ReportOptions {
  /** False where the processor time of both runs differs. */
  readonly comparesTimes?: boolean;
  /** Whether a project's file of known problems is compared with what was seen of each cause. */
  readonly sightings?: boolean;
}

/** Reports a run, and with a base the changes. */
export async function buildReport(
  store: SpanStore,
  run: Run,
  base: Run | undefined,
  options: ReadOptions,
  { comparesTimes = true, sightings: areAsked = false }: ReportOptions = {},
): Promise<RunReport> {
  const head = await readRun(store, run, options);
  const tests = [...head.tests.values()].filter(isTest);
  const flaky = await readFlaky(store, head, options);
  const failing = tests.filter(({ failure }) => failure !== '');
  const withSubtests = pathsAbove(head.tests.keys());
  const isLeaf = ({ key }: TestReading) => !withSubtests.has(key);
  const before = base && (await readRun(store, base, options));
  const seen = areAsked ? await readSightings(store, head, options) : undefined;
  return {
    run,
    ...(base && before && (await compared())),
    tests: testsIn(tests),
    failed: failuresIn(tests),
    with_requests: tests.reduce((sum, { asking }) => sum + asking.size, 0),
    truncated: head.truncated || before?.truncated === true,
    causes: problemsOf(head).map((problem) => reportedOf(problem, head, seen?.of)),
    ...(seen && { weak: [...seen.weak], asked: askedOf(head) }),
    ...(before && { base_causes: problemsOf(before).length }),
    failing: withoutAbove(failing, ({ label }) => label).flatMap(({ label, failures }) =>
      failures.map(({ message, traceId, after }) => ({
        test: label,
        message,
        ...(after !== undefined && { after }),
        trace_id: traceId,
      })),
    ),
    ...(flaky.length > 0 && { flaky }),
    longest: tests
      .filter(isLeaf)
      .map(({ times }) => times)
      .toSorted((a, b) => b.ms - a.ms)
      .slice(0, LONGEST),
  };

  async function compared() {
    if (base === undefined || before === undefined) return {};
    checkWeights(base, run);
    const ofRoutes = await readRoutes(store, { base, head: run }, options);
    const { changes, tests, routes } = compareReadings(
      { ...before, ...ofRoutes.base },
      { ...head, ...ofRoutes.head },
      { comparesTimes, areSamples: run.weighted === true, sightingsOf: seen?.of },
    );
    const calls =
      tests === 0 &&
      !routes.some(({ judged }) => judged) &&
      `no test with requests is in both runs, and no route has ${MIN_REQUESTS} requests in each`;
    const times = calls || (!comparesTimes && 'the processor time of both runs differs by 20 % or more');
    const hasCauses = [before, head].every(({ tests }) => [...tests.values()].some(hasRequests));
    const causes = !hasCauses && 'causes are of requests, and a run has none';
    return {
      base,
      changes: [...changes.filter(hasSection), ...(await fallenScores(store, base, run, options))],
      not_compared: { ...(calls && { calls }), ...(times && { times }), ...(causes && { causes }) },
    };
  }
}

function hasRequests({ routes }: TestReading): boolean {
  return [...routes.values()].some(({ route }) => route !== '');
}

/** How often a run asked for each route, as sightings name routes. */
function askedOf({ tests }: RunReading): AskedRoute[] {
  const counts = new Map<string, { service: string; route: string; requests: number }>();
  for (const { routes } of tests.values())
    for (const { service, route, requests } of routes.values()) {
      if (route === '') continue;
      const shape = routeShape(route);
      getOrMake(counts, routeKey(service, shape), () => ({ service, route: shape, requests: 0 })).requests +=
        requests;
    }
  return [...counts.values()];
}

/** Services whose score fell, each run over its own time. */
async function fallenScores(store: SpanStore, base: Run, run: Run, options: ReadOptions): Promise<Change[]> {
  const scores = async ({ first, last }: Run) => {
    const start = BigInt(Date.parse(first)) * NANOSECONDS;
    const { services } = await verify(
      store,
      { start, end: BigInt(Date.parse(last) + 1) * NANOSECONDS },
      options,
      SCORED_RULES,
    );
    return new Map(services.map(({ service, score }) => [service, score]));
  };
  const [before, now] = [await scores(base), await scores(run)];
  return [...now].flatMap(([service, head]): Change[] => {
    const was = before.get(service);
    if (was === undefined || head >= was) return [];
    const sentence = `${service} ${was} → ${head}`;
    return [{ of: 'score', how: 'fewer', worse: true, service, sentence, before: was, now: head }];
  });
}
