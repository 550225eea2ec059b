import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { OtlpReceiver } from '@tandem/otlp/testing';
import { startOtlpReceiver } from '@tandem/otlp/testing';
import type { Pair } from '../../test/helpers/pair.ts';
import { startPair } from '../../test/helpers/pair.ts';
import type { LoadResult } from '../lib/http-load.ts';
import { HttpLoad } from '../lib/http-load.ts';
import { recordMeasurements } from '../lib/measurements.ts';
import { EQUAL_FOR_ALL, YOUNG_ALLOCATIONS } from '../lib/node-options.ts';
import { positive } from '../lib/options.ts';
import { median, quantile, withSpread } from '../lib/statistics.ts';
import type { TreeCheck } from './trees.ts';
import { checkTrees } from './trees.ts';
import { usageOf } from './usage.ts';

const PARALLEL = 20;
const RATE = 500; // requests per second, which keep both services together busy for half of a core
const WARM_UP = 30_000;
const REQUESTS_PER_SLICE = 1_000;
const ORPHAN_REQUESTS = 10_000;
const PATH = '/api/activities/home';

const TRACED = 'traced';
const TRACED_BY_V8 = `${TRACED}, without ${YOUNG_ALLOCATIONS}`;
const UNTRACED = 'OTEL_SDK_DISABLED=true';
const UNTRACED_YOUNG = `${UNTRACED}, ${YOUNG_ALLOCATIONS}`;

interface Variant {
  readonly name: string;
  readonly env: Readonly<Record<string, string>>;
  readonly nodeOptions: readonly string[];
}

const VARIANTS: readonly Variant[] = [
  // As the start commands start it, and with V8 left alone.
  { name: TRACED, env: {}, nodeOptions: [YOUNG_ALLOCATIONS] },
  { name: TRACED_BY_V8, env: {}, nodeOptions: [] },
  { name: UNTRACED, env: { OTEL_SDK_DISABLED: 'true' }, nodeOptions: [] },
  // The untraced pair gains by the option too.
  { name: UNTRACED_YOUNG, env: { OTEL_SDK_DISABLED: 'true' }, nodeOptions: [YOUNG_ALLOCATIONS] },
];

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
export const usage = '[--restarts 3] [--rounds 12]';

/**
 * The home feed of the real pair with its databases, traced and with OTEL_SDK_DISABLED=true, in turn; then 10,000
 * requests whose trees are checked.
 */
export default async function pair(): Promise<void> {
  const { values } = parseArgs({
    args: process.argv.slice(3),
    options: {
      restarts: { type: 'string', default: '3' },
      rounds: { type: 'string', default: '12' },
    },
  });
  const restarts = positive('--restarts', values.restarts);
  const rounds = positive('--rounds', values.rounds);
  const all: Slices[] = Object.keys(LOADS).flatMap((loadName) =>
    VARIANTS.map(
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
      trees = await measureStart(receiver, all, rounds, isLast);
    }
  } finally {
    await receiver.close();
  }
  if (trees === undefined) throw new Error('The last start checks the trees.');
  report(all, trees, restarts, rounds);
}

/** Measures all variants alive side by side, from new processes; the trees are checked when asked for. */
async function measureStart(
  receiver: OtlpReceiver,
  all: readonly Slices[],
  rounds: number,
  checksTrees: boolean,
): Promise<TreeCheck | undefined> {
  const running: Running[] = [];
  try {
    for (const variant of VARIANTS) running.push(await startVariant(variant, receiver.url));
    for (const { load } of running) await closedLoop(load, WARM_UP);
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

function report(all: readonly Slices[], trees: TreeCheck, restarts: number, rounds: number): void {
  const table = all.map((slices) => ({
    load: slices.loadName,
    pair: slices.variant,
    'CPU ms per request': withSpread(slices.cpuMs, 3),
    ratio: ratio(all, slices, UNTRACED, ({ cpuMs }) => cpuMs),
    'p50 ms': withSpread(slices.p50, 1),
    'p99 ms': withSpread(slices.p99, 1),
    'resident MB': withSpread(slices.residentMb, 0),
  }));
  console.table(table);
  const claims = claimsOf(all, trees);
  console.table(claims);
  recordMeasurements({
    name: 'pair',
    title: 'Pair: the home feed, traced and not',
    command: `node tandem bench pair --restarts ${restarts} --rounds ${rounds}`,
    tables: [table, claims],
    notes: [
      `Both services with SQLite, ${PATH}; ${WARM_UP} requests to warm up, then for each load ${rounds} slices of ${REQUESTS_PER_SLICE} in turn over all pairs alive side by side, in ${restarts} starts of new processes. Median, and in brackets the tenth and ninetieth percentile of slices; resident memory is that of both services. All run with ${EQUAL_FOR_ALL.join(' ')}, without which V8 would shrink the heaps of services that wait for their turn.`,
      `The services' start commands have ${YOUNG_ALLOCATIONS}, which keeps new objects in V8's young generation; an untraced pair gains by it, too, so both have a row with it and a row without.`,
      `As fast as they go, the services never wait, so a request costs the least and what tracing adds is the largest share.`,
      `Spans per trace, in how many traces: ${Object.entries(trees.sizes)
        .map(([spans, count]) => `${spans} in ${count}`)
        .join(', ')}.`,
    ],
  });
}

function claimsOf(all: readonly Slices[], trees: TreeCheck): Record<string, string | number>[] {
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
