import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { OtlpReceiver } from '@tandem/otlp/testing';
import { startOtlpReceiver } from '@tandem/otlp/testing';
import type { Pair } from '../../test/helpers/pair.ts';
import { startPair } from '../../test/helpers/pair.ts';
import { quantile, withSpread } from '../../tools/statistics.ts';
import type { LoadResult } from '../lib/http-load.ts';
import { HttpLoad } from '../lib/http-load.ts';
import type { Row } from '../lib/measurements.ts';
import { recordMeasurements } from '../lib/measurements.ts';
import { EQUAL_FOR_ALL, YOUNG_ALLOCATIONS } from '../lib/node-options.ts';
import { positive } from '../lib/options.ts';
import { usageOf } from '../lib/thread-times.ts';
import type { TreeCheck } from './trees.ts';
import { checkTrees } from './trees.ts';
import type { Variant } from './variants.ts';
import { COMPARED, TRACED, VARIANTS } from './variants.ts';

const PARALLEL = 20;
const RATE = 500; // requests per second, which keep both services together busy for half of a core
const WARM_UP_REQUESTS = 20_000;
const REQUESTS_PER_SLICE = 1_000;
const ORPHAN_REQUESTS = 10_000;
const PATH = '/api/activities/home';

/** How requests come; each slice is one of them. */
const LOADS: Readonly<Record<string, (load: HttpLoad) => Promise<LoadResult>>> = {
  [`${RATE} requests/s`]: (load: HttpLoad) => load.fixedRate(REQUESTS_PER_SLICE, RATE, () => PATH),
  [`${PARALLEL} connections, as fast as they go`]: (load: HttpLoad) =>
    load.closedLoop(REQUESTS_PER_SLICE, PARALLEL, () => PATH),
};

/** The figures of one variant under one load: one value per slice, and as many for each variant. */
interface Slices {
  readonly variant: string;
  readonly loadName: string;
  readonly cpuMs: number[];
  readonly p50: number[];
  readonly p99: number[];
  readonly residentMb: number[];
  /** The status of each request that failed; 0 stands for no answer. */
  readonly failed: number[];
}

interface Running {
  readonly variant: string;
  readonly pair: Pair;
  readonly load: HttpLoad;
}

/** The options it takes. */
export const usage = '[--restarts 5] [--rounds 12]';

/**
 * The home feed of the real pair with its databases, traced and with OTEL_SDK_DISABLED=true, in turn; then 10,000
 * requests whose trees are checked.
 */
export default async function pair(): Promise<void> {
  const { values } = parseArgs({
    args: process.argv.slice(3),
    options: {
      restarts: { type: 'string', default: '5' },
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
        failed: [],
      }),
    ),
  );
  const receiver = await startOtlpReceiver();
  receiver.isKeeping = false;
  let trees: TreeCheck | undefined;
  try {
    for (let restart = 1; restart <= restarts; restart++) {
      console.log(`${new Date().toISOString().slice(11, 19)} start ${restart} of ${restarts}`);
      // The pair that starts first costs up to 300 µs more than the last one, whatever it leaves out: starts take turns.
      const variants = restart % 2 === 0 ? VARIANTS.toReversed() : VARIANTS;
      trees = await measureStart(receiver, variants, all, rounds, restart === restarts);
    }
  } finally {
    await receiver.close();
  }
  if (trees === undefined) return;
  const table = tableOf(all);
  console.table(table);
  const claims = claimsOf(all, trees);
  console.table(claims);
  recordMeasurements({
    name: 'pair',
    title: 'Pair: the home feed, traced and not',
    command: `node tandem bench pair --restarts ${restarts} --rounds ${rounds}`,
    tables: [table, claims],
    notes: [
      `Both services with SQLite, ${PATH}; ${WARM_UP_REQUESTS} requests to warm up, then for each load ${rounds} slices of ${REQUESTS_PER_SLICE} in turn over all pairs alive side by side, in ${restarts} starts of new processes, every second start and round in the opposite order. Median, and in brackets the tenth and ninetieth percentile of slices; resident memory is that of both services. All run with ${EQUAL_FOR_ALL.join(' ')}, without which V8 would shrink the heaps of services that wait for their turn.`,
      `The services' start commands have ${YOUNG_ALLOCATIONS}, which keeps new objects in V8's young generation. An untraced pair gains by it, too, so each ratio compares pairs with the same flags, slice by slice in the same round: the machine is not as fast in all of them.`,
      `As fast as they go, the services never wait, so a request costs the least and what tracing adds is the largest share.`,
      sizesOf(trees),
    ],
  });
}

/** Measures all variants alive side by side, from new processes; the trees are checked when asked for. */
async function measureStart(
  receiver: OtlpReceiver,
  variants: readonly Variant[],
  all: readonly Slices[],
  rounds: number,
  checksTrees: boolean,
): Promise<TreeCheck | undefined> {
  const running: Running[] = [];
  try {
    for (const variant of variants) running.push(await startVariant(variant, receiver.url));
    for (const { load } of running) await load.closedLoop(WARM_UP_REQUESTS, PARALLEL, () => PATH);
    for (const loadName of Object.keys(LOADS)) {
      const sides = all.filter((slices) => slices.loadName === loadName);
      for (let round = 0; round < rounds; round++) {
        // Each variant is first, and last, as often as the others.
        const first = round % sides.length;
        const inTurn = [...sides.slice(first), ...sides.slice(0, first)];
        for (const slices of round % 2 === 0 ? inTurn : inTurn.toReversed()) {
          const { pair, load } = running.find(({ variant }) => variant === slices.variant) as Running;
          await measureSlice(slices, pair, load);
        }
      }
    }
    const traced = running.find(({ variant }) => variant === TRACED);
    return checksTrees && traced ? await checkOrphans(traced.load, receiver) : undefined;
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

async function measureSlice(slices: Slices, pair: Pair, load: HttpLoad): Promise<void> {
  const pids = [pair.activities, pair.userLookup].map(({ child }) => child.pid ?? 0);
  const run = LOADS[slices.loadName];
  if (run === undefined) throw new Error(`There is no load ${slices.loadName}.`);
  const before = usageOf(pids).cpuMs;
  const { latencies, byStatus } = await run(load);
  await sleep(400); // what waits for the next batch is exported, and counted, too
  const { cpuMs, residentBytes } = usageOf(pids);
  slices.cpuMs.push((cpuMs - before) / REQUESTS_PER_SLICE);
  slices.p50.push(quantile(latencies, 0.5));
  slices.p99.push(quantile(latencies, 0.99));
  slices.residentMb.push(residentBytes / 1e6);
  for (const [status, each] of byStatus) if (status !== 200) slices.failed.push(...each.map(() => status));
}

async function checkOrphans(load: HttpLoad, receiver: OtlpReceiver): Promise<TreeCheck> {
  receiver.isKeeping = true;
  await load.closedLoop(ORPHAN_REQUESTS, PARALLEL, () => PATH);
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
    'p50 ms': withSpread(slices.p50, 1),
    'p99 ms': withSpread(slices.p99, 1),
    'resident MB': withSpread(slices.residentMb, 0),
  }));
}

function claimsOf(all: readonly Slices[], trees: TreeCheck): Row[] {
  const failed = all.flatMap((slices) => slices.failed);
  const statuses = failed.length === 0 ? '' : ` (${[...new Set(failed)].join(', ')})`;
  return [
    { claim: 'failed requests', reach: '0', measured: `${failed.length}${statuses}` },
    ...Object.keys(LOADS).flatMap((loadName) =>
      COMPARED.map(([one, other, most]) => ({
        claim: `CPU per request, ${one}, of ${other}, ${loadName}`,
        reach: most === undefined ? '–' : `at most ${most}`,
        measured: ratio(all, loadName, [one, other], ({ cpuMs }) => cpuMs),
      })),
    ),
    ...COMPARED.slice(0, 1).map(([one, other]) => ({
      claim: `resident memory, ${one}, of ${other}`,
      reach: 'at most 1.25',
      measured: ratio(all, Object.keys(LOADS)[0], [one, other], ({ residentMb }) => residentMb),
    })),
    { claim: `traces of ${ORPHAN_REQUESTS} requests`, reach: ORPHAN_REQUESTS, measured: trees.traces },
    { claim: `orphans among their ${trees.spans} spans`, reach: 0, measured: trees.orphans },
    { claim: 'traces with no root or several', reach: 0, measured: trees.brokenTraces },
  ];
}

/** The ratio of one variant to another under the same load, slice by slice. */
function ratio(
  all: readonly Slices[],
  loadName: string | undefined,
  names: readonly [string, string],
  of: (slices: Slices) => readonly number[],
): string {
  const [ones = [], others = []] = names.map((name) =>
    all.filter((each) => each.variant === name && each.loadName === loadName).flatMap(of),
  );
  return withSpread(
    ones.map((one, slice) => one / (others[slice] ?? Number.NaN)),
    2,
  );
}
