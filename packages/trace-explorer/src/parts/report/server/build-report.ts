import type { Run } from '../../../core/runs/schemas.ts';
import type { ReadOptions, SpanStore } from '../../../core/store/store.ts';
import { keyOfId } from '../../causes/server/cause-key.ts';
import { alikeOf, othersText } from '../../causes/server/told/rests.ts';
import { SCORED_RULES } from '../../verify/server/score.ts';
import { verify } from '../../verify/server/verify.ts';
import { MIN_REQUESTS } from './compare/chance.ts';
import { compareRuns } from './compare/compare-runs.ts';
import { causesOfRun, compareTests, withoutAbove } from './compare-tests.ts';
import { OUTSIDE } from './operations.ts';
import { readRun } from './read-run.ts';
import type { ChanceChange, ReportedCause, RunReport } from './schemas.ts';
import type { TestReading } from './test-reading.ts';
import { pathsAbove } from './test-reading.ts';

/** Tests that a report names as the longest. */
const LONGEST = 5;
const NANOSECONDS = 1_000_000n;

/** Reports a run, and with a base the changes. @param comparesTimes false where the processor time of both runs differs */
export async function buildReport(
  store: SpanStore,
  run: Run,
  base: Run | undefined,
  options: ReadOptions,
  comparesTimes = true,
): Promise<RunReport> {
  const head = await readRun(store, run, options);
  const tests = [...head.tests.values()].filter(({ key }) => key !== OUTSIDE);
  const failing = tests.filter(({ failure }) => failure !== '');
  const withSubtests = pathsAbove(head.tests.keys());
  const isLeaf = ({ key }: TestReading) => !withSubtests.has(key);
  const before = base && (await readRun(store, base, options));
  return {
    run,
    ...(base && before && (await compared())),
    tests: tests.length,
    failed: failing.length,
    with_requests: tests.filter(hasRequests).length,
    truncated: head.truncated || before?.truncated === true,
    causes: withRests([...causesOfRun(head).values()]),
    ...(before && { base_causes: withRests([...causesOfRun(before).values()]).length }),
    failing: withoutAbove(
      failing.map(({ label, failure, traceId }) => ({ test: label, message: failure, trace_id: traceId })),
    ),
    longest: tests
      .filter(isLeaf)
      .map(({ times }) => times)
      .toSorted((a, b) => b.ms - a.ms)
      .slice(0, LONGEST),
  };

  async function compared() {
    if (base === undefined || before === undefined) return {};
    const { tests, fresh: _, ...changes } = compareTests(before, head, comparesTimes);
    const { routes, by_chance } = await changesByChance(store, base, run, options);
    const calls =
      tests + routes === 0 &&
      `no test with requests is in both runs, and no route has ${MIN_REQUESTS} requests in each`;
    const times = calls || (!comparesTimes && 'the processor time of both runs differs by 20 % or more');
    const hasCauses = [before, head].every(({ tests }) => [...tests.values()].some(hasRequests));
    const causes = !hasCauses && 'causes are of requests, and a run has none';
    return {
      base,
      changes: {
        ...changes,
        new_causes: withRests(changes.new_causes),
        by_chance: by_chance.filter(({ of }) => comparesTimes || of !== 'duration'),
        scores: await fallenScores(store, base, run, options),
      },
      not_compared: { ...(calls && { calls }), ...(times && { times }), ...(causes && { causes }) },
    };
  }
}

/** The causes of a run, with those of many alike as one. They are in their order, the worst first. */
function withRests(causes: readonly ReportedCause[]): ReportedCause[] {
  const told = alikeOf(causes, ({ id }) => id).flatMap(({ own, rest: [first, ...others] }) => {
    if (first === undefined) return own;
    const sentence = `${first.sentence}${othersText(keyOfId(first.id), others.length)}`;
    return [...own, { ...first, sentence }];
  });
  const at = new Map(causes.map(({ id }, place) => [id, place]));
  return told.toSorted((a, b) => (at.get(a.id) ?? 0) - (at.get(b.id) ?? 0));
}

function hasRequests({ routes }: TestReading): boolean {
  return [...routes.values()].some(({ route }) => route !== '');
}

/** The changes of routes with enough requests in both runs, as `compare` tells them; what takes less time is left out. */
async function changesByChance(
  store: SpanStore,
  base: Run,
  run: Run,
  options: ReadOptions,
): Promise<{ routes: number; by_chance: ChanceChange[] }> {
  const { routes } = await compareRuns(store, { base, head: run }, options);
  const judged = routes.filter(({ judged }) => judged);
  const by_chance = judged.flatMap(({ service, route, changes, head, base: before }) =>
    changes.flatMap(({ of, worse, ...change }) => {
      if (of === 'route' || (of === 'duration' && !worse)) return [];
      const traces = {
        trace_id: head.trace_id ?? '',
        ...(before.trace_id !== null && { base_trace_id: before.trace_id }),
      };
      return { of, worse, service, route, ...change, ...traces };
    }),
  );
  return { routes: judged.length, by_chance };
}

/** Services whose score fell, each run over its own time. */
async function fallenScores(store: SpanStore, base: Run, run: Run, options: ReadOptions) {
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
  return [...now].flatMap(([service, head]) => {
    const was = before.get(service);
    return was !== undefined && head < was ? [{ service, base: was, head }] : [];
  });
}
