import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { Pair } from '../test/helpers/pair.ts';
import { startPair } from '../test/helpers/pair.ts';
import { HttpLoad } from './lib/http-load.ts';
import { recordMeasurements } from './lib/measurements.ts';
import { median, quantile, withSpread } from './lib/statistics.ts';
import type { ByteReceiver, TreeCheck } from './pair-orphans.ts';
import { checkTrees, startByteReceiver } from './pair-orphans.ts';
import { usageOf } from './pair-usage.ts';

const PARALLEL = 20;
const WARM_UP = 15_000;
const REQUESTS_PER_SLICE = 500;
const ORPHAN_REQUESTS = 10_000;
const PATH = '/api/activities/home';

interface Side {
  readonly name: string;
  readonly pair: Pair;
  readonly load: HttpLoad;
  /** One value a slice. */
  readonly cpuMs: number[];
  readonly p50: number[];
  readonly p99: number[];
  readonly residentMb: number[];
  requests: number;
  failed: number;
}

/**
 * The home feed of the real pair with its databases, traced and with OTEL_SDK_DISABLED=true, in turn; then 10,000
 * requests whose trees are checked. `pnpm bench pair [--rounds 20]`
 */
export default async function pair(): Promise<void> {
  const { values } = parseArgs({
    args: process.argv.slice(3),
    options: { rounds: { type: 'string', default: '20' } },
  });
  const rounds = Number(values.rounds);
  if (!(Number.isInteger(rounds) && rounds > 0))
    throw new Error(`--rounds takes a number from 1, not ${values.rounds}.`);
  const receiver = await startByteReceiver();
  const sides: Side[] = [];
  try {
    sides.push(await startSide('traced', receiver.url, {}));
    sides.push(await startSide('OTEL_SDK_DISABLED=true', receiver.url, { OTEL_SDK_DISABLED: 'true' }));
    for (const side of sides) await slice(side, WARM_UP);
    for (let round = 0; round < rounds; round++) {
      for (const side of sides) await measuredSlice(side);
    }
    const [traced, untraced] = sides as [Side, Side];
    const table = [row(traced, untraced), row(untraced, untraced)];
    console.table(table);
    const trees = await checkOrphans(traced, receiver);
    const claims = claimsOf(traced, untraced, trees);
    console.table(claims);
    recordMeasurements({
      title: 'Pair: the home feed, traced and not',
      command: `pnpm bench pair --rounds ${rounds}`,
      tables: [table, claims],
      notes: [
        `Both services with SQLite, ${PATH} over ${PARALLEL} connections; ${WARM_UP} requests to warm up, then ${rounds} slices of ${REQUESTS_PER_SLICE} in turn over both pairs alive side by side. Median, and in brackets the tenth and ninetieth percentile of slices.`,
        `Spans a trace, in how many traces: ${Object.entries(trees.sizes)
          .map(([spans, count]) => `${spans} in ${count}`)
          .join(', ')}.`,
      ],
    });
  } finally {
    for (const { load, pair } of sides) {
      load.close();
      await pair.stop();
    }
    receiver.close();
  }
}

async function startSide(name: string, otlpUrl: string, env: Record<string, string>): Promise<Side> {
  // The product's own delay; the helper shortens it for tests. Limits of clients are not what is measured.
  const settings = { OTEL_BSP_SCHEDULE_DELAY: '', RATE_LIMIT_MAX: '1000000000', ...env };
  const pair = await startPair({ otlpUrl, env: settings });
  const load = new HttpLoad(Number(new URL(pair.api).port));
  return { name, pair, load, cpuMs: [], p50: [], p99: [], residentMb: [], requests: 0, failed: 0 };
}

async function slice(side: Side, requests: number): Promise<readonly number[]> {
  const { latencies, failed } = await side.load.closedLoop(requests, PARALLEL, () => PATH);
  side.requests += requests;
  side.failed += failed;
  return latencies;
}

async function measuredSlice(side: Side): Promise<void> {
  const pids = [side.pair.activities, side.pair.userLookup].map(({ child }) => child.pid ?? 0);
  const before = usageOf(pids).cpuMs;
  const latencies = await slice(side, REQUESTS_PER_SLICE);
  await sleep(400); // what waits for the next batch is exported, and counted, too
  const { cpuMs, residentBytes } = usageOf(pids);
  side.cpuMs.push((cpuMs - before) / REQUESTS_PER_SLICE);
  side.p50.push(quantile(latencies, 0.5));
  side.p99.push(quantile(latencies, 0.99));
  side.residentMb.push(residentBytes / 1e6);
}

function row(side: Side, untraced: Side): Record<string, string | number> {
  return {
    pair: side.name,
    'CPU ms a request': withSpread(side.cpuMs, 3),
    ratio: (median(side.cpuMs) / median(untraced.cpuMs)).toFixed(2),
    'p50 ms': withSpread(side.p50, 1),
    'p99 ms': withSpread(side.p99, 1),
    'resident MB': withSpread(side.residentMb, 0),
    requests: side.requests,
    failed: side.failed,
  };
}

async function checkOrphans(side: Side, receiver: ByteReceiver): Promise<TreeCheck> {
  receiver.keep = true;
  await slice(side, ORPHAN_REQUESTS);
  await sleep(2_000);
  return checkTrees(receiver.bodies);
}

function claimsOf(traced: Side, untraced: Side, trees: TreeCheck): Record<string, string | number>[] {
  const ratio = (of: (side: Side) => readonly number[]) =>
    (median(of(traced)) / median(of(untraced))).toFixed(2);
  return [
    { claim: 'failed requests', reach: '0', measured: traced.failed + untraced.failed },
    {
      claim: 'CPU a request, traced of untraced',
      reach: 'at most 1.25',
      measured: ratio(({ cpuMs }) => cpuMs),
    },
    {
      claim: 'resident memory, traced of untraced',
      reach: 'at most 1.25',
      measured: ratio(({ residentMb }) => residentMb),
    },
    { claim: `traces of ${ORPHAN_REQUESTS} requests`, reach: ORPHAN_REQUESTS, measured: trees.traces },
    { claim: `orphans among their ${trees.spans} spans`, reach: 0, measured: trees.orphans },
    { claim: 'traces with no root or several', reach: 0, measured: trees.brokenTraces },
  ];
}
