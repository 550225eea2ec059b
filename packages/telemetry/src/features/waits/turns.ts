import { monitorEventLoopDelay } from 'node:perf_hooks';
import { nodeTiming, setImmediate } from '../../common/primordials.ts';
import type { Turn } from '../../road/http/call.ts';
import { turnOfLoop } from '../../road/http/call.ts';

/** Node's histogram of the loop's turns. */
export type Turns = ReturnType<typeof monitorEventLoopDelay>;

/** Undefined on a Node that takes samples by a timer alone, whose wake-ups are not worth it. */
export function histogramOfTurns(): Turns | undefined {
  try {
    monitorEventLoopDelay({ samplePerIteration: 'unknown' } as object);
    return undefined;
  } catch {
    const turns = monitorEventLoopDelay({ samplePerIteration: true } as object); // refused another type: knows the option
    turns.enable();
    return turns;
  }
}

/** What the loop had done at a time. */
export interface Rest extends Turn {
  readonly at: number;
}

/** @param at the present time, a reading of `performance.now()` */
export function restAt(at: number): Rest {
  return { at, ...turnOfLoop() };
}

/** Turns that took this long on average hold a long one: else the time is that of many. */
const LONG_ON_AVERAGE_MS = 10;

/** The milliseconds of a long turn since a rest; 0 when there may have been none. */
export function longTurnSince(rest: Rest, at: number): number {
  const ms = at - rest.at - (nodeTiming.idleTime - rest.idle);
  return ms / (nodeTiming.uvMetricsInfo.loopCount - rest.loopCount) >= LONG_ON_AVERAGE_MS ? ms : 0;
}

/** Calls `then` after the events of this turn, if they had waited for the loop: the loop had not to wait for them. */
export function whenHadToWait(then: () => void): void {
  const { eventsWaiting } = nodeTiming.uvMetricsInfo;
  setImmediate(() => {
    if (nodeTiming.uvMetricsInfo.eventsWaiting > eventsWaiting) then();
  }).unref();
}
