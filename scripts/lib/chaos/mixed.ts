import { setTimeout as sleep } from 'node:timers/promises';
import { SeededRandom } from '@tandem/otlp/testing';
import { median, quantile } from '../../../benchmarks/lib/statistics.ts';
import type { AnswerClass } from './answers.ts';
import { isDocumented, isSuccess } from './answers.ts';
import type { Fault } from './fault.ts';
import { answersExplainedBy } from './fault.ts';
import type { Asked } from './load.ts';
import { startLoad } from './load.ts';
import { watchMemory } from './memory.ts';
import type { Stage } from './stage.ts';
import { startStage } from './stage.ts';

const RATE = 20;
/** A fault begins this often. */
const INTERVAL_MS = 20_000;
const FAULT_SECONDS = 4;
const WARM_UP_MS = 5000;
/** Spans may come so long after the last request: a request that hangs is given up after 10 s, and tried again. */
const ARRIVAL_MS = 30_000;
/** Traces are looked at for so long. */
const REMEMBERED_MS = 120_000;
const HOUSEKEEPING_MS = 5000;
/** What memory may grow by, from the first third of a run to its last. */
export const MOST_GROWTH = 0.05;
/** A process grows while it is new: in a shorter run, thirds say nothing about leaks. */
export const LEAST_MINUTES_FOR_MEMORY = 20;

/** What came of a run of mixed faults. */
export interface MixedOutcome {
  /** How long faults came; less than was asked for when the run was stopped. */
  readonly milliseconds: number;
  /** The faults, in the order in which they came. */
  readonly faults: readonly string[];
  readonly answers: ReadonlyMap<AnswerClass, number>;
  /** Answers that neither the API documents nor the fault of the moment explains. */
  readonly unexplained: readonly string[];
  /** Requests without success that were sent when no fault was there, nor had to be recovered from. */
  readonly outside: number;
  readonly p50: number;
  readonly p99: number;
  readonly expected: number;
  readonly missing: number;
  readonly excused: number;
  readonly twice: number;
  readonly orphans: number;
  /** Median of resident bytes, both services together. */
  readonly firstThird: number;
  readonly lastThird: number;
  readonly broken: readonly string[];
  /** For people who look for the reason. */
  readonly remarks: readonly string[];
}

/** When a fault is there, and what it explains. */
interface Window {
  readonly fault: Fault;
  readonly from: number;
  /** With the time that it is promised to take until all is well. */
  to: number;
}

/**
 * Has faults come and go under load, one every 20 s, in an order that depends on the seed alone.
 *
 * @param faults those to choose from: all come once before one comes again
 * @param options.signal stops it: the fault of the moment is mended, the last spans are waited for, and what was seen until
 *   then is the outcome
 * @throws Error when it is stopped before the first fault
 */
export async function runMixed(
  faults: readonly Fault[],
  options: { readonly milliseconds: number; readonly seed: number; readonly signal: AbortSignal },
): Promise<MixedOutcome> {
  // A line per failure would fill the memory of this process within hours.
  const stage = await startStage({ env: { LOG_LEVEL: 'fatal' } });
  try {
    return await observe(stage, faults, options);
  } finally {
    await stage.stop();
  }
}

async function observe(
  stage: Stage,
  faults: readonly Fault[],
  {
    milliseconds,
    seed,
    signal,
  }: { readonly milliseconds: number; readonly seed: number; readonly signal: AbortSignal },
): Promise<MixedOutcome> {
  const { ledger, pair } = stage;
  const windows: Window[] = [];
  const failures: string[] = [];
  const tally = new Tally(windows);
  const load = startLoad(pair.api, RATE, (asked) => {
    ledger.asked(asked);
    tally.count(asked);
  });
  const memory = watchMemory(stage);
  const housekeeping = setInterval(
    () => ledger.forgetWholeBefore(performance.now() - REMEMBERED_MS),
    HOUSEKEEPING_MS,
  );
  // Ends early when the run is stopped, and does not throw: the fault is still to be mended.
  const pause = (wait: number) => sleep(Math.max(0, wait), undefined, { signal }).catch(() => {});
  try {
    await pause(WARM_UP_MS);
    signal.throwIfAborted();
    const begun = performance.now();
    const order = deck(faults, seed);
    for (let number = 0; (number + 1) * INTERVAL_MS <= milliseconds && !signal.aborted; number++) {
      const fault = order();
      const window = { fault, from: performance.now(), to: Number.POSITIVE_INFINITY };
      windows.push(window);
      console.error(`${new Date().toISOString()} ${fault.name}`);
      try {
        await fault.inject(stage);
        await pause((fault.seconds ?? FAULT_SECONDS) * 1000);
        await fault.mend(stage);
      } catch (error) {
        // The stage is in an unknown state then. What was seen in the hours before it is not lost.
        failures.push(`${fault.name} ended the run: ${error instanceof Error ? error.message : error}`);
        break;
      }
      window.to = performance.now() + fault.recoversWithin * 1000;
      await pause(begun + (number + 1) * INTERVAL_MS - performance.now());
    }
    const lasted = performance.now() - begun;
    await load.stop();
    const end = performance.now() + ARRIVAL_MS;
    const isWhole = () => ledger.missing().count === ledger.missing().excused;
    while (!isWhole() && performance.now() < end) await sleep(500);
    return conclude(stage, { tally, windows, failures, memory: memory.samples, milliseconds: lasted });
  } finally {
    clearInterval(housekeeping);
    memory.stop();
    await load.stop();
  }
}

/** Deals the faults, shuffled; when all are dealt, shuffled again. */
function deck(faults: readonly Fault[], seed: number): () => Fault {
  const random = new SeededRandom(seed);
  let left: Fault[] = [];
  return () => {
    if (left.length === 0) left = [...faults];
    return left.splice(random.below(left.length), 1)[0] as Fault;
  };
}

/** Counts answers, so that a long run needs no more memory than a short one. */
class Tally {
  readonly answers = new Map<AnswerClass, number>();
  readonly unexplained: string[] = [];
  /** Milliseconds of the last answers. */
  readonly durations: number[] = [];
  outside = 0;
  readonly #windows: readonly Window[];

  constructor(windows: readonly Window[]) {
    this.#windows = windows;
  }

  count({ answer, sentAt, endedAt, route, traceId }: Asked): void {
    this.answers.set(answer, (this.answers.get(answer) ?? 0) + 1);
    this.durations.push(endedAt - sentAt);
    if (this.durations.length > 100_000) this.durations.splice(0, 50_000);
    if (isSuccess(answer)) return;
    const there = this.#windows.filter(({ from, to }) => endedAt >= from && sentAt <= to);
    if (there.length === 0) this.outside++;
    if (isDocumented(answer) || there.some(({ fault }) => answersExplainedBy(fault).has(answer))) return;
    const names = there.map(({ fault }) => fault.name).join(', ') || 'no fault';
    if (this.unexplained.length < 50)
      this.unexplained.push(`${answer} to ${route} (${traceId}), during ${names}`);
  }
}

function conclude(
  { ledger }: Stage,
  {
    tally,
    windows,
    failures,
    memory,
    milliseconds,
  }: {
    readonly tally: Tally;
    readonly windows: readonly Window[];
    readonly failures: readonly string[];
    readonly memory: readonly number[];
    readonly milliseconds: number;
  },
): MixedOutcome {
  const { count: missing, excused } = ledger.missing();
  const third = Math.floor(memory.length / 3);
  const firstThird = median(memory.slice(0, third));
  const lastThird = median(memory.slice(-third));
  const isLeaking =
    milliseconds >= LEAST_MINUTES_FOR_MEMORY * 60_000 && lastThird > firstThird * (1 + MOST_GROWTH);
  const orphans = ledger.orphans();
  return {
    milliseconds,
    faults: windows.map(({ fault }) => fault.name),
    answers: tally.answers,
    unexplained: tally.unexplained,
    outside: tally.outside,
    p50: quantile(tally.durations, 0.5),
    p99: quantile(tally.durations, 0.99),
    expected: ledger.expected,
    missing,
    excused,
    twice: ledger.twice,
    orphans,
    firstThird,
    lastThird,
    broken: [
      ...failures,
      ...tally.unexplained,
      ...(missing > excused ? [`${missing - excused} of ${ledger.expected} spans are lost`] : []),
      ...(orphans > 0 ? [`${orphans} spans have no parent`] : []),
      ...(isLeaking ? ['memory grew by more than 5 % from the first third to the last'] : []),
    ],
    remarks: ledger.examples(),
  };
}
