import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { OtlpReceiver } from '@tandem/otlp/testing';
import { startOtlpReceiver } from '@tandem/otlp/testing';
import type { Pair } from '../../test/helpers/pair.ts';
import { startPair } from '../../test/helpers/pair.ts';
import type { LoadResult } from '../lib/http-load.ts';
import { HttpLoad } from '../lib/http-load.ts';
import type { Row } from '../lib/measurements.ts';
import { recordMeasurements } from '../lib/measurements.ts';
import { EQUAL_FOR_ALL, YOUNG_ALLOCATIONS } from '../lib/node-options.ts';
import { positive } from '../lib/options.ts';
import { median, quantile, withSpread } from '../lib/statistics.ts';
import { usageOf } from '../lib/thread-times.ts';
import type { TreeCheck } from './trees.ts';
import { checkTrees } from './trees.ts';
import type { Plan, Variant } from './variants.ts';
import { SWAPS, TRACED, TRACED_AND_NOT, UNTRACED, UNTRACED_YOUNG } from './variants.ts';

const PARALLEL = 20;
const RATE = 500; // requests per second, which keep both services together busy for half of a core
const REQUESTS_PER_SLICE = 1_000;
const ORPHAN_REQUESTS = 10_000;
const PATH = '/api/activities/home';

/** How requests come; each slice is one of them. */
const LOADS: Readonly<Record<string, (load: HttpLoad) => Promise<LoadResult>>> = {
  [`${RATE} requests/s`]: (load: HttpLoad) => load.fixedRate(REQUESTS_PER_SLICE, RATE, () => PATH),
  [`${PARALLEL} connections, as fast as they go`]: (load: HttpLoad) => closedLoop(load, REQUESTS_PER_SLICE),
};

/** The figures of one variant under one load: one value per slice. */
interface Slices {
  readonly variant: string;
  readonly loadName: string;
  readonly cpuMs: number[];
  readonly p50: number[];
  readonly p99: number[];
  readonly residentMb: number[];
  failed: number;
}

interface Running {
  readonly variant: string;
  readonly pair: Pair;
  readonly load: HttpLoad;
}

/** The options it takes. */
export const usage = '[--restarts 3] [--rounds 12] [--swaps]';

/**
 * The home feed of the real pair with its databases, traced and with OTEL_SDK_DISABLED=true, in turn; then 10,000
 * requests whose trees are checked. With `--swaps`: the traced pair without one of its parts each, and no trees.
 */
export default async function pair(): Promise<void> {
  const { values } = parseArgs({
    args: process.argv.slice(3),
    options: {
      restarts: { type: 'string', default: '3' },
      rounds: { type: 'string', default: '12' },
      swaps: { type: 'boolean', default: false },
    },
  });
  const plan = values.swaps ? SWAPS : TRACED_AND_NOT;
  const restarts = positive('--restarts', values.restarts);
  const rounds = positive('--rounds', values.rounds);
  const all: Slices[] = Object.keys(LOADS).flatMap((loadName) =>
    plan.variants.map(
      ({ name }): Slices => ({
        variant: name,
        loadName,
        cpuMs: [],
        p50: [],
        p99: [],
        residentMb: [],
        failed: 0,
      }),
    ),
  );
  const receiver = await startOtlpReceiver();
  receiver.isKeeping = false;
  let trees: TreeCheck | undefined;
  try {
    for (let restart = 1; restart <= restarts; restart++) {
      console.log(`${new Date().toISOString().slice(11, 19)} start ${restart} of ${restarts}`);
      const isLast = restart === restarts;
      // The pair that starts first costs up to 300 µs more than the last one, whatever it leaves out: starts take turns.
      const variants = restart % 2 === 0 ? plan.variants.toReversed() : plan.variants;
      const ofStart = { ...plan, variants };
      trees = await measureStart(receiver, ofStart, all, rounds, isLast && plan === TRACED_AND_NOT);
    }
  } finally {
    await receiver.close();
  }
  const { name, title, option, warmUp } = plan;
  const table = tableOf(all);
  console.table(table);
  const claims = trees === undefined ? partsOf(all) : claimsOf(all, trees);
  console.table(claims);
  recordMeasurements({
    name,
    title,
    command: `node tandem bench pair --restarts ${restarts} --rounds ${rounds}${option}`,
    tables: [table, claims],
    notes: [
      `Both services with SQLite, ${PATH}; ${warmUp} requests to warm up, then for each load ${rounds} slices of ${REQUESTS_PER_SLICE} in turn over all pairs alive side by side, in ${restarts} starts of new processes, every second one in the opposite order. Median, and in brackets the tenth and ninetieth percentile of slices; resident memory is that of both services. All run with ${EQUAL_FOR_ALL.join(' ')}, without which V8 would shrink the heaps of services that wait for their turn.`,
      `The services' start commands have ${YOUNG_ALLOCATIONS}, which keeps new objects in V8's young generation; an untraced pair gains by it, too. Names of rows say which pair has it.`,
      `As fast as they go, the services never wait, so a request costs the least and what tracing adds is the largest share.`,
      ...(trees === undefined ? [] : [sizesOf(trees)]),
    ],
  });
}

/** Measures all variants alive side by side, from new processes; the trees are checked when asked for. */
async function measureStart(
  receiver: OtlpReceiver,
  { variants, warmUp }: Plan,
  all: readonly Slices[],
  rounds: number,
  checksTrees: boolean,
): Promise<TreeCheck | undefined> {
  const running: Running[] = [];
  try {
    for (const variant of variants) running.push(await startVariant(variant, receiver.url));
    for (const { load } of running) await closedLoop(load, warmUp);
    for (const loadName of Object.keys(LOADS)) {
      const sides = all.filter((slices) => slices.loadName === loadName);
      for (let round = 0; round < rounds; round++) {
        // Each variant is first, and last, as often as the others.
        const first = round % sides.length;
        for (const slices of [...sides.slice(first), ...sides.slice(0, first)]) {
          const { pair, load } = running.find(({ variant }) => variant === slices.variant) as Running;
          await measureSlice(slices, pair, load);
        }
      }
    }
    const [traced] = running as [Running];
    return checksTrees ? await checkOrphans(traced.load, receiver) : undefined;
  } finally {
    for (const { load, pair } of running) {
      load.close();
      await pair.stop();
    }
  }
}

async function startVariant({ name, env, nodeOptions }: Variant, otlpUrl: string): Promise<Running> {
  // The product's own delay; the helper shortens it for tests. Limits of clients are not what is measured.
  const settings = { OTEL_BSP_SCHEDULE_DELAY: '', RATE_LIMIT_MAX: '1000000000', ...env };
  const pair = await startPair({ otlpUrl, env: settings, nodeOptions: [...EQUAL_FOR_ALL, ...nodeOptions] });
  return { variant: name, pair, load: new HttpLoad(Number(new URL(pair.api).port)) };
}

function closedLoop(load: HttpLoad, requests: number): Promise<LoadResult> {
  return load.closedLoop(requests, PARALLEL, () => PATH);
}

async function measureSlice(slices: Slices, pair: Pair, load: HttpLoad): Promise<void> {
  const pids = [pair.activities, pair.userLookup].map(({ child }) => child.pid ?? 0);
  const run = LOADS[slices.loadName];
  if (run === undefined) throw new Error(`There is no load ${slices.loadName}.`);
  const before = usageOf(pids).cpuMs;
  const { latencies, failed } = await run(load);
  await sleep(400); // what waits for the next batch is exported, and counted, too
  const { cpuMs, residentBytes } = usageOf(pids);
  slices.cpuMs.push((cpuMs - before) / REQUESTS_PER_SLICE);
  slices.p50.push(quantile(latencies, 0.5));
  slices.p99.push(quantile(latencies, 0.99));
  slices.residentMb.push(residentBytes / 1e6);
  slices.failed += failed;
}

async function checkOrphans(load: HttpLoad, receiver: OtlpReceiver): Promise<TreeCheck> {
  receiver.isKeeping = true;
  await closedLoop(load, ORPHAN_REQUESTS);
  await sleep(2_000);
  return checkTrees(receiver.requests.map(({ body }) => body));
}

function sizesOf({ sizes }: TreeCheck): string {
  const counts = Object.entries(sizes).map(([spans, count]) => `${spans} in ${count}`);
  return `Spans per trace, in how many traces: ${counts.join(', ')}.`;
}

function tableOf(all: readonly Slices[]): Row[] {
  return all.map((slices) => ({
    load: slices.loadName,
    pair: slices.variant,
    'CPU ms per request': withSpread(slices.cpuMs, 3),
    ratio: ratio(all, slices, UNTRACED, ({ cpuMs }) => cpuMs),
    'p50 ms': withSpread(slices.p50, 1),
    'p99 ms': withSpread(slices.p99, 1),
    'resident MB': withSpread(slices.residentMb, 0),
  }));
}

/** What each part costs: the traced pair less the pair without the part, and its share of all that tracing adds. */
function partsOf(all: readonly Slices[]): Row[] {
  return Object.keys(LOADS).flatMap((load) => {
    const sides = all.filter(({ loadName }) => loadName === load);
    const cpuMs = (name: string) => median(sides.find(({ variant }) => variant === name)?.cpuMs ?? []);
    return sides
      .filter(({ variant }) => variant !== TRACED && variant !== UNTRACED)
      .map(({ variant, failed }) => {
        const savedMs = cpuMs(TRACED) - cpuMs(variant);
        return {
          load,
          pair: variant,
          'ratio to untraced': (cpuMs(variant) / cpuMs(UNTRACED)).toFixed(2),
          'µs less than traced': (savedMs * 1000).toFixed(0),
          'of what tracing adds': (savedMs / (cpuMs(TRACED) - cpuMs(UNTRACED))).toFixed(2),
          failed,
        };
      });
  });
}

function claimsOf(all: readonly Slices[], trees: TreeCheck): Row[] {
  const traced = all.filter(({ variant }) => variant === TRACED);
  return [
    { claim: 'failed requests', reach: '0', measured: all.reduce((sum, { failed }) => sum + failed, 0) },
    ...traced.map((slices) => ({
      claim: `CPU per request, traced of untraced, ${slices.loadName}`,
      reach: 'at most 1.15',
      measured: ratio(all, slices, UNTRACED, ({ cpuMs }) => cpuMs),
    })),
    ...traced.map((slices) => ({
      claim: `CPU per request, traced of untraced with ${YOUNG_ALLOCATIONS}, ${slices.loadName}`,
      reach: '–',
      measured: ratio(all, slices, UNTRACED_YOUNG, ({ cpuMs }) => cpuMs),
    })),
    {
      claim: 'resident memory, traced of untraced',
      reach: 'at most 1.25',
      measured: ratio(all, traced[0] as Slices, UNTRACED, ({ residentMb }) => residentMb),
    },
    { claim: `traces of ${ORPHAN_REQUESTS} requests`, reach: ORPHAN_REQUESTS, measured: trees.traces },
    { claim: `orphans among their ${trees.spans} spans`, reach: 0, measured: trees.orphans },
    { claim: 'traces with no root or several', reach: 0, measured: trees.brokenTraces },
  ];
}

/** The ratio of a variant's median to another's under the same load. */
function ratio(
  all: readonly Slices[],
  slices: Slices,
  other: string,
  of: (slices: Slices) => readonly number[],
): string {
  const base = all.find(
    ({ variant, loadName }) => variant === other && loadName === slices.loadName,
  ) as Slices;
  return (median(of(slices)) / median(of(base))).toFixed(2);
}
