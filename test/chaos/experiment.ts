import { setTimeout as sleep } from 'node:timers/promises';
import type { ReceivedSpan } from '@tandem/otlp/testing';
import { countNames } from '../../scripts/lib/counts.ts';
import { quantile } from '../../tools/statistics.ts';
import type { Fault } from './fault.ts';
import { Ledger } from './ledger.ts';
import type { AnswerClass, Asked } from './load.ts';
import { isSuccess, startLoad } from './load.ts';
import { readLostSpans } from './lost-spans.ts';
import type { Stage } from './stage.ts';

const WARM_UP_MS = 2000;
const FAULT_SECONDS = 4;
/** The fault is over when all requests succeed for this time. */
const CALM_MS = 2000;
/** Time beyond a promise until the promise counts as broken. */
const MARGIN_MS = 5000;
const SAMPLE_MS = 100;
/** An experiment ends after this time in any case. */
const LIMIT_MS = 120_000;

export interface Outcome {
  /** Answers during the fault. */
  readonly reads: ReadonlyMap<AnswerClass, number>;
  readonly writes: ReadonlyMap<AnswerClass, number>;
  /** Answers before and after the fault. */
  readonly others: ReadonlyMap<AnswerClass, number>;
  /** Milliseconds of the answers during the fault. */
  readonly p50: number;
  readonly p99: number;
  /** Errors in activities-api's spans during the fault, written as in a promise. */
  readonly shown: ReadonlyMap<string, number>;
  /** Milliseconds from the end of the fault to the sending of the last failed request; 0 when none failed. */
  readonly recoveredMs: number;
  /** Milliseconds from the end of the fault until the last span of an earlier request came; 0 when all had come. */
  readonly deliveredMs: number;
  /** Spans that answers prove, spans that did not come, and missing spans that a kill excuses. */
  readonly expected: number;
  readonly missing: number;
  readonly excused: number;
  /** Spans that the services count as lost, on /metrics. */
  readonly counted: number;
  readonly twice: number;
  readonly orphans: number;
  /** The services' last log lines, to find the reason. */
  readonly remarks: readonly string[];
}

/**
 * Causes and ends a fault under load.
 * @param stop ends it early, after a running step of the fault: that step may start a service again
 * @throws Error when it is stopped, or takes longer than two minutes
 */
export async function runExperiment(fault: Fault, stage: Stage, stop: AbortSignal): Promise<Outcome> {
  const over = AbortSignal.any([stop, AbortSignal.timeout(LIMIT_MS)]);
  const pause = (milliseconds: number) => sleep(milliseconds, undefined, { signal: over });
  const { promised, cause, seconds = FAULT_SECONDS } = fault;
  const { pair } = stage;
  const ledger = new Ledger();
  stage.ledger = ledger;
  const stopLoad = startLoad(pair.api, (asked) => ledger.asked.push(asked));
  try {
    await pause(WARM_UP_MS);
    const injecting = performance.now();
    await cause.inject(stage);
    await pause(seconds * 1000);
    const mending = performance.now();
    await cause.mend(stage);
    const mended = performance.now();
    const failedLast = () =>
      Math.max(0, ...ledger.asked.flatMap(({ answer, sentAt }) => (isSuccess(answer) ? [] : [sentAt])));
    const recoveryEnds = mended + promised.answersWithin * 1000 + MARGIN_MS;
    const calm = () => Math.min(Math.max(mended, failedLast()) + CALM_MS, recoveryEnds);
    for (let now = mended; now < calm(); now = performance.now()) await pause(SAMPLE_MS);
    await stopLoad();
    await awaitSpans(fault, ledger, mended, over);
    const { count: missing, excused } = ledger.missing();
    const during = ledger.asked.filter(({ sentAt }) => sentAt >= injecting && sentAt < mending);
    const isWrite = ({ route }: Asked) => route.startsWith('POST');
    const answers = (all: readonly Asked[]) => countNames(all.map(({ answer }) => answer));
    const durations = during
      .filter(({ answer }) => /^\d/.test(answer))
      .map(({ sentAt, endedAt }) => endedAt - sentAt);
    return {
      reads: answers(during.filter((each) => !isWrite(each))),
      writes: answers(during.filter(isWrite)),
      others: answers(ledger.asked.filter((each) => !during.includes(each))),
      p50: quantile(durations, 0.5),
      p99: quantile(durations, 0.99),
      shown: countNames(ledger.spansBetween(injecting, mending).flatMap(shownBy)),
      recoveredMs: Math.max(0, failedLast() - mended),
      deliveredMs: Math.max(0, ledger.lastOfBefore(mended) - mended),
      expected: ledger.expected,
      missing,
      excused,
      counted: await readLostSpans([pair.api, pair.userLookupUrl]),
      twice: ledger.twice,
      orphans: ledger.orphans(),
      remarks: lastLines(stage),
    };
  } finally {
    await stopLoad();
  }
}

/** Waits until all expected spans have come. */
async function awaitSpans(
  { promised }: Fault,
  ledger: Ledger,
  mended: number,
  signal: AbortSignal,
): Promise<void> {
  // Refused spans never come; the last spans before a kill may come late or never.
  if (promised.loses !== 'nothing') await sleep(CALM_MS, undefined, { signal });
  if (promised.loses === 'refused spans') return;
  const end = Math.max(mended + promised.spansWithin * 1000, performance.now()) + MARGIN_MS;
  const isWhole = () => {
    const { count, excused } = ledger.missing();
    return count === excused;
  };
  for (let now = 0; now < end && !isWhole(); now = performance.now())
    await sleep(SAMPLE_MS, undefined, { signal });
}

function shownBy({ service, name, status, attributes }: ReceivedSpan): string[] {
  if (service !== 'activities-api') return [];
  const reason = attributes['app.degraded_reason'];
  return [
    ...(status === 2 ? [`${name} ${attributes['error.type'] ?? 'without a type'}`] : []),
    ...(reason === undefined ? [] : [`app.degraded_reason ${reason}`]),
  ];
}

/** The services' last log lines: with LOG_LEVEL=error, their errors. */
function lastLines({ pair }: Stage): string[] {
  return [pair.activities, pair.userLookup].flatMap((service) =>
    service
      .output()
      .trim()
      .split('\n')
      .slice(-2)
      .map((line) => line.slice(0, 400)),
  );
}
