import { setTimeout as sleep } from 'node:timers/promises';
import { quantile } from '../../../benchmarks/lib/statistics.ts';
import { readSpanCounts } from '../load/spans.ts';
import type { AnswerClass } from './answers.ts';
import { isSuccess } from './answers.ts';
import type { Fault } from './fault.ts';
import type { SeenSpan } from './ledger.ts';
import type { Asked } from './load.ts';
import { startLoad } from './load.ts';
import { watchMemory } from './memory.ts';
import type { Stage } from './stage.ts';
import { startStage } from './stage.ts';

/** Requests per second: few enough for any machine, and enough for a percentile. */
const RATE = 20;
const WARM_UP_MS = 2000;
const BEFORE_MS = 4000;
const FAULT_SECONDS = 4;
/** Faults that alternate with nothing do so this often, for so long each. */
const ROUNDS = 5;
const SLICE_MS = 2000;
/** What the slice before has left behind is over then. */
const SETTLE_MS = 500;
/** So long all has to succeed before the fault counts as over. */
const CALM_MS = 2000;
/** Room beyond a promise before it counts as broken for good. */
const MARGIN_MS = 5000;
const SAMPLE_MS = 100;
/** However it goes, an experiment is over then. */
const LIMIT_MS = 120_000;

/** What callers saw of a phase. */
export interface Phase {
  readonly reads: ReadonlyMap<AnswerClass, number>;
  readonly writes: ReadonlyMap<AnswerClass, number>;
  /** Milliseconds of those that were answered. */
  readonly p50: number;
  readonly p99: number;
}

/** Some seconds with one of the faults that alternate, or without. Times are those of `performance.now()`. */
interface Slice {
  readonly isFaulty: boolean;
  readonly from: number;
  readonly to: number;
}

/** What was seen of a fault. */
export interface Outcome {
  readonly before: Phase;
  readonly during: Phase;
  readonly after: Phase;
  /** p99 of each slice, where faults alternate with nothing. */
  readonly slices: readonly { readonly isFaulty: boolean; readonly p99: number }[];
  /** The spans of requests that were under way while it lasted, and of those before it. */
  readonly spans: readonly SeenSpan[];
  readonly spansBefore: readonly SeenSpan[];
  /** Milliseconds after `mend` at which the last request was sent that did not succeed; 0 when all did. */
  readonly recoveredMs: number;
  /** Milliseconds after `mend` at which the last span of a request from before it came; 0 when all were there. */
  readonly deliveredMs: number;
  /** Spans that answers prove; how many did not come; how many of those a SIGKILL excuses. */
  readonly expected: number;
  readonly missing: number;
  readonly excused: number;
  /** Spans that the services themselves say they have lost, on /metrics. */
  readonly counted: number;
  readonly twice: number;
  readonly orphans: number;
  /** Bytes of both services together. */
  readonly memoryBefore: number;
  readonly memoryPeak: number;
  readonly memoryAfter: number;
  /** For people who look for the reason: requests whose spans did not come, and what services wrote. */
  readonly remarks: readonly string[];
}

export interface ExperimentOptions {
  readonly signal: AbortSignal;
  /** What the quiet seconds around a fault are multiplied by: 1, or less for a look that is quick. */
  readonly pace: number;
}

/**
 * Has a fault come and go under load.
 * @throws Error when the services cannot be started, or when it takes longer than two minutes
 */
export async function runExperiment(fault: Fault, { signal, pace }: ExperimentOptions): Promise<Outcome> {
  const stage = await startStage(fault.stage);
  const over = AbortSignal.any([signal, AbortSignal.timeout(LIMIT_MS)]);
  try {
    // What is under way of a fault that is stopped comes to its end first: it may start a service again.
    return await observe(fault, stage, over, pace);
  } finally {
    await stage.stop();
  }
}

async function observe(fault: Fault, stage: Stage, over: AbortSignal, pace: number): Promise<Outcome> {
  const pause = (milliseconds: number) => sleep(milliseconds, undefined, { signal: over });
  const { ledger, pair } = stage;
  const all: Asked[] = [];
  const load = startLoad(pair.api, RATE, (asked) => {
    all.push(asked);
    ledger.asked(asked);
  });
  const memory = watchMemory(stage);
  try {
    await pause(WARM_UP_MS * pace);
    const begun = performance.now();
    await pause(BEFORE_MS * pace);
    const memoryBefore = memory.last();
    const injecting = performance.now();
    await fault.inject(stage);
    const slices = await hold(fault, stage, over);
    const mending = performance.now();
    await fault.mend(stage);
    const mended = performance.now();
    const failedLast = () =>
      all.reduce(
        (last, { answer, sentAt }) => (isSuccess(answer) ? last : Math.max(last, sentAt)),
        Number.NEGATIVE_INFINITY,
      );
    const recoveryEnds = mended + fault.recoversWithin * 1000 + MARGIN_MS;
    while (
      performance.now() < Math.max(mended, failedLast()) + CALM_MS * pace &&
      performance.now() < recoveryEnds
    )
      await pause(SAMPLE_MS);
    await pause((BEFORE_MS - CALM_MS) * pace);
    const ended = performance.now();
    await load.stop();
    const delivered = await awaitSpans(fault, stage, mended, over);
    const { count, excused } = ledger.missing();
    const counted = await readSpanCounts([pair.api, pair.userLookupUrl]);
    return {
      before: phaseOf(all, begun, injecting),
      during: phaseOf(all, injecting, mending),
      after: phaseOf(all, mended, ended),
      slices: slices.map(({ isFaulty, from, to }) => ({ isFaulty, p99: phaseOf(all, from, to).p99 })),
      spans: ledger.spansBetween(injecting, mending),
      spansBefore: ledger.spansBetween(begun, injecting),
      recoveredMs: Math.max(0, failedLast() - mended),
      deliveredMs: delivered,
      expected: ledger.expected,
      missing: count,
      excused,
      counted: counted?.lost ?? 0,
      twice: ledger.twice,
      orphans: ledger.orphans(),
      memoryBefore,
      memoryPeak: memory.peak(),
      memoryAfter: memory.last(),
      remarks: [...ledger.examples(), ...lastLines(stage)],
    };
  } finally {
    memory.stop();
    await load.stop();
  }
}

/** Lets the time of a fault go by, or has others alternate meanwhile. */
async function hold({ alternates = [], seconds = FAULT_SECONDS }: Fault, stage: Stage, over: AbortSignal) {
  const slices: Slice[] = [];
  const pause = (milliseconds: number) => sleep(milliseconds, undefined, { signal: over });
  const slice = async (isFaulty: boolean) => {
    await pause(SETTLE_MS);
    const from = performance.now();
    await pause(SLICE_MS - SETTLE_MS);
    slices.push({ isFaulty, from, to: performance.now() });
  };
  if (alternates.length === 0) await pause(seconds * 1000);
  else
    for (let round = 0; round < ROUNDS; round++)
      for (const other of alternates) {
        await slice(false);
        await other.inject(stage);
        await slice(true);
        await other.mend(stage);
      }
  return slices;
}

/** Waits until all spans have come that are to come; answers when the last from before `mended` did, after it. */
async function awaitSpans(
  fault: Fault,
  { ledger }: Stage,
  mended: number,
  signal: AbortSignal,
): Promise<number> {
  const end = Math.max(mended + fault.deliversWithin * 1000 + MARGIN_MS, performance.now() + MARGIN_MS);
  const isWhole = () => {
    const { count, excused } = ledger.missing();
    return count === excused;
  };
  const isToCome = fault.loses !== 'what is refused';
  while (isToCome ? !isWhole() : performance.now() < end - MARGIN_MS / 2) {
    if (performance.now() > end) break;
    await sleep(SAMPLE_MS, undefined, { signal });
  }
  // A kill's last spans may still be on their way, or never come.
  if (fault.loses === 'last 500 ms') await sleep(CALM_MS, undefined, { signal });
  return Math.max(0, ledger.lastOfBefore(mended) - mended);
}

function phaseOf(all: readonly Asked[], from: number, to: number): Phase {
  const asked = all.filter(({ sentAt }) => sentAt >= from && sentAt < to);
  const isWrite = ({ route }: Asked) => route.startsWith('POST');
  const durations = asked
    .filter(({ answer }) => /^\d/.test(answer))
    .map(({ sentAt, endedAt }) => endedAt - sentAt);
  return {
    reads: count(asked.filter((each) => !isWrite(each))),
    writes: count(asked.filter(isWrite)),
    p50: quantile(durations, 0.5),
    p99: quantile(durations, 0.99),
  };
}

function count(asked: readonly Asked[]): Map<AnswerClass, number> {
  const counts = new Map<AnswerClass, number>();
  for (const { answer } of asked) counts.set(answer, (counts.get(answer) ?? 0) + 1);
  return counts;
}

/** What the services wrote last: with LOG_LEVEL=error, that is what was wrong. */
function lastLines({ pair }: Stage): string[] {
  return [pair.activities, pair.userLookup].flatMap((service) =>
    service
      .output()
      .split('\n')
      .filter((line) => line !== '')
      .slice(-2)
      .map((line) => line.slice(0, 400)),
  );
}
