import { setTimeout as sleep } from 'node:timers/promises';
import { median, quantile, withSpread } from '../../tools/statistics.ts';
import { HttpLoad } from '../lib/http-load.ts';
import { startSideBySide } from '../lib/in-turn/side-by-side.ts';
import { installFolder } from '../lib/install-folder.ts';
import { installTelemetry } from '../lib/install-telemetry.ts';
import type { MeasuredService } from '../lib/measured-service.ts';
import type { Row } from '../lib/measurements.ts';
import { recordMeasurements } from '../lib/measurements.ts';
import { peakResident, THREADS, threadTimes } from '../lib/thread-times.ts';
import { versionsOf } from './report.ts';
import type { Variant } from './variants.ts';
import { BASE, OURS, OURS_AGAIN, OURS_LEAN, OURS_RUN, OURS_UNWATCHED, PLAIN, pathOf } from './variants.ts';

/** Requests per second: what services really have. */
const RATES = [500, 150] as const;
const WARM_UP_REQUESTS = 5_000;
const WARM_UP_PARALLEL = 4;
/** A slice of one variant. It has no pauses, in which nothing of a tracer would tick. */
const SLICE_MS = 3_000;
/** What a slice leaves for later belongs to it, not to the next one. */
const SETTLE_MS = 700;

/** One slice of a variant at a rate: microseconds of processor time per request by thread, and latencies in milliseconds. */
type Slice = Readonly<Record<(typeof THREADS)[number] | 'p50' | 'p99', number>>;

/** What was measured of all variants, by name, slices also by rate. */
interface Measured {
  readonly slices: ReadonlyMap<number, ReadonlyMap<string, Slice[]>>;
  /** The most memory of each pair, in bytes. */
  readonly peaks: ReadonlyMap<string, number[]>;
}

/** Measures the cost of tracers at the rate of real services, all in one run: `node tandem bench overhead --paced`. */
export async function paced(all: readonly Variant[], starts: number, rounds: number): Promise<void> {
  const wanted = [BASE, OURS, OURS_AGAIN, OURS_LEAN, OURS_RUN, OURS_UNWATCHED, PLAIN];
  const variants = all.filter(({ name }) => wanted.includes(name));
  console.log('Installing the peers …');
  installFolder(import.meta.dirname);
  await installTelemetry(import.meta.dirname);
  const byName = <Value>() => new Map(variants.map(({ name }) => [name, [] as Value[]]));
  const slices = new Map(RATES.map((rate) => [rate, byName<Slice>()]));
  const measured: Measured = { slices, peaks: byName<number>() };
  for (let start = 1; start <= starts; start++) {
    console.log(`start ${start} of ${starts}`);
    await measureStart(variants, rounds, measured);
  }
  const tables = [...Array.from(slices, ([rate, of]) => tableOf(rate, of)), memoryOf(measured)];
  for (const table of tables) console.table(table);
  recordMeasurements({
    name: 'overhead-paced',
    title: 'Overhead at the rates that services have',
    command: `node tandem bench overhead --paced --restarts ${starts} --rounds ${rounds}`,
    notes: [
      `The pair of "Overhead: what a tracer adds", all variants alive side by side and measured in turn, every second round in reverse: ${starts} starts of new processes, because pairs of the same code differ by up to 50 µs, with ${rounds} slices of ${SLICE_MS / 1_000} seconds at each rate, without pauses in them.`,
      'Processor time of both services by thread, per request: median of the slices, each less the slice of the untraced pair in the same round, and in brackets the tenth and ninetieth percentile. Exports and garbage collection are in it as far as they happen within the slice. Memory: the most that both services had resident since their start (VmHWM), median of the starts.',
    ],
    versions: versionsOf(variants),
    tables,
  });
}

/** Starts all pairs, warms them up, and adds their slices and their memory. */
async function measureStart(
  variants: readonly Variant[],
  rounds: number,
  { slices, peaks }: Measured,
): Promise<void> {
  const started = await startSideBySide(variants);
  try {
    const inTurn = [...started.services];
    for (const [name, service] of inTurn) await warmUp(name, service);
    for (let round = 1; round <= rounds; round++) {
      console.log(`round ${round} of ${rounds}`);
      for (const [rate, of] of slices)
        for (const [name, service] of inTurn) of.get(name)?.push(await slice(name, service, rate));
      inTurn.reverse(); // what a tracer leaves for later disturbs the next one
    }
    for (const [name, { pids }] of inTurn) peaks.get(name)?.push(peakResident(pids));
  } finally {
    await started.stop();
  }
}

async function warmUp(name: string, service: MeasuredService): Promise<void> {
  console.log(`warming up ${name}`);
  const load = new HttpLoad(service.port);
  await load.closedLoop(WARM_UP_REQUESTS, WARM_UP_PARALLEL, pathOf);
  load.close();
}

/** @throws Error when a request fails */
async function slice(name: string, { port, pids }: MeasuredService, rate: number): Promise<Slice> {
  const load = new HttpLoad(port);
  const requests = (rate * SLICE_MS) / 1000;
  const before = threadTimes(pids);
  const { failed, latencies } = await load.fixedRate(requests, rate, pathOf);
  if (failed > 0) throw new Error(`${failed} of ${requests} requests to ${name} failed.`);
  await sleep(SETTLE_MS);
  const after = threadTimes(pids);
  load.close();
  const spent = Object.fromEntries(THREADS.map((kind) => [kind, (after[kind] - before[kind]) / requests]));
  return { ...spent, p50: quantile(latencies, 0.5), p99: quantile(latencies, 0.99) } as Slice;
}

function tableOf(rate: number, slices: ReadonlyMap<string, readonly Slice[]>): Row[] {
  const base = slices.get(BASE) ?? [];
  const total = (each: Slice) => THREADS.reduce((sum, kind) => sum + each[kind], 0);
  // Over the untraced pair in the same round: the speed of a machine changes from round to round.
  const added = (of: readonly Slice[], value: (each: Slice) => number) =>
    of.flatMap((each, round) => {
      const untraced = base[round];
      return untraced === undefined ? [] : [value(each) - value(untraced)];
    });
  const plain = median(added(slices.get(PLAIN) ?? [], total));
  return [...slices].map(([tracer, of]) => ({
    'requests/s': rate,
    tracer,
    'added µs': withSpread(added(of, total), 1),
    "of the plain plugin's": (median(added(of, total)) / plain).toFixed(2),
    ...Object.fromEntries(
      THREADS.map((kind) => [
        `${kind} µs`,
        withSpread(
          added(of, (each) => each[kind]),
          1,
        ),
      ]),
    ),
    'p50 ms': withSpread(
      of.map(({ p50 }) => p50),
      2,
    ),
    'p99 ms': withSpread(
      of.map(({ p99 }) => p99),
      2,
    ),
  }));
}

function memoryOf({ peaks }: Measured): Row[] {
  const [untraced, plain] = [BASE, PLAIN].map((name) => median(peaks.get(name) ?? []));
  return [...peaks].map(([tracer, bytes]) => ({
    tracer,
    'peak resident MB': (median(bytes) / 1e6).toFixed(0),
    'of untraced': (median(bytes) / Number(untraced)).toFixed(2),
    "of the plain plugin's": (median(bytes) / Number(plain)).toFixed(2),
  }));
}
