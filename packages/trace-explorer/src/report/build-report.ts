import { compareRuns } from '../compare/compare-runs.ts';
import type { Run } from '../compare/schemas.ts';
import type { ReadOptions, SpanStore } from '../store/store.ts';
import { verify } from '../verify/verify.ts';
import { causesOfRun, compareTests, withoutAbove } from './compare-tests.ts';
import { readRun } from './read-run.ts';
import type { RouteChange, RunReport } from './schemas.ts';
import type { TestReading } from './test-reading.ts';
import { OUTSIDE, pathsAbove } from './test-reading.ts';

/** Tests that a report names as the longest. */
const LONGEST = 5;
const NANOSECONDS = 1_000_000n;

/** Reports a run, and with a base the changes. */
export async function buildReport(
  store: SpanStore,
  run: Run,
  base: Run | undefined,
  options: ReadOptions,
): Promise<RunReport> {
  const head = await readRun(store, run, options);
  const tests = [...head.tests.values()].filter(({ key }) => key !== OUTSIDE);
  const failing = tests.filter(({ failure }) => failure !== '');
  const withSubtests = pathsAbove(head.tests.keys());
  const isLeaf = ({ key }: TestReading) => !withSubtests.has(key);
  const before = base && (await readRun(store, base, options));
  const changes = base &&
    before && {
      ...compareTests(before, head),
      by_chance: await changesByChance(store, base, run, options),
      scores: await fallenScores(store, base, run, options),
    };
  return {
    run,
    ...(base && changes && { base, changes }),
    tests: tests.length,
    failed: failing.length,
    with_requests: tests.filter(({ routes }) => [...routes.values()].some(({ route }) => route !== ''))
      .length,
    truncated: head.truncated || before?.truncated === true,
    causes: causesOfRun(head),
    ...(before && { base_causes: causesOfRun(before).length }),
    failing: withoutAbove(
      failing.map(({ key, failure, traceId }) => ({ test: key, message: failure, trace_id: traceId })),
    ),
    longest: tests
      .filter(isLeaf)
      .map(({ times }) => times)
      .toSorted((a, b) => b.ms - a.ms)
      .slice(0, LONGEST),
  };
}

/** Routes with enough requests in both runs that got worse, as `compare` tells them. */
async function changesByChance(
  store: SpanStore,
  base: Run,
  run: Run,
  options: ReadOptions,
): Promise<RouteChange[]> {
  const { routes } = await compareRuns(store, { base, head: run }, options);
  return routes.flatMap(({ service, route, judged, changes, head, base: before }) =>
    judged
      ? changes
          .filter(({ worse, of }) => worse && of !== 'route')
          .map(({ sentence }) => ({
            service,
            route,
            sentence,
            trace_id: head.trace_id ?? '',
            ...(before.trace_id !== null && { base_trace_id: before.trace_id }),
          }))
      : [],
  );
}

/** Services whose score fell, each run over its own time. */
async function fallenScores(store: SpanStore, base: Run, run: Run, options: ReadOptions) {
  const scores = async ({ first, last }: Run) => {
    const start = BigInt(Date.parse(first)) * NANOSECONDS;
    const { services } = await verify(
      store,
      { start, end: BigInt(Date.parse(last) + 1) * NANOSECONDS },
      options,
    );
    return new Map(services.map(({ service, score }) => [service, score]));
  };
  const [before, now] = [await scores(base), await scores(run)];
  return [...now].flatMap(([service, head]) => {
    const was = before.get(service);
    return was !== undefined && head < was ? [{ service, base: was, head }] : [];
  });
}
