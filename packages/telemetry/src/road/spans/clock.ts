import { types } from 'node:util';
import type { HrTime, Span, TimeInput } from '@opentelemetry/api';
import { isTimeInputHrTime, millisToHrTime } from '@opentelemetry/core';
import { monotonicNow, systemNow } from '../../common/primordials.ts';

/**
 * Milliseconds since the epoch at `performance.now() === 0`, for one trace. All spans of a process in one trace share one
 * anchor, so only the monotonic clock moves their times, and the spans nest even when the system clock steps. As a number,
 * a time is exact to a quarter of a microsecond.
 */
export type ClockAnchor = number;

/** Key of a span's anchor, in both engines. All spans of this process in one trace share the anchor. */
export const ANCHOR: unique symbol = Symbol('tandem anchor');

/** A new trace compares the anchor with the system clock after this time, in milliseconds. */
const CHECK_INTERVAL_MS = 1_000;

/** The anchor is precise when its bounds are this close: two processes agree within 50 µs. */
const PRECISE_MS = 0.02;

/** Some twenty ticks of the system clock. One tick is enough, unless the process had to wait at the tick. */
const MAX_READINGS = 200_000;

/** A smaller difference is rounding of milliseconds since the epoch, not a step of the clock. */
const ROUNDING_MS = 0.001;

/**
 * The clock of a process's spans.
 *
 * Node computes `performance.timeOrigin` from two readings with a gap between them: in one of 13 starts, two services on
 * one host disagreed by 0.4 ms. So the clock watches the system clock until a tick, for a millisecond at the start of the
 * process, and again after a step of the system clock. A step reaches new traces only.
 */
export class TraceClock {
  #anchor: ClockAnchor = Number.NaN;
  #nextCheckAt = 0;

  /** The anchor for a trace that starts now. */
  anchor(): ClockAnchor {
    const now = monotonicNow();
    if (now < this.#nextCheckAt) return this.#anchor;
    this.#nextCheckAt = now + CHECK_INTERVAL_MS;
    const { low, high } = readBounds();
    const isRight = this.#anchor >= low - ROUNDING_MS && this.#anchor <= high + ROUNDING_MS;
    if (!isRight) this.#anchor = measure(); // also the first time
    return this.#anchor;
  }
}

/** The only clock of the process, so that spans and log lines agree. */
export const traceClock: TraceClock = new TraceClock();

/** Reads both clocks until the system clock ticks. */
function measure(): ClockAnchor {
  let { low, high } = readBounds();
  for (let count = 0; count < MAX_READINGS && high - low > PRECISE_MS; count++) {
    const bounds = readBounds();
    low = Math.max(low, bounds.low);
    high = Math.min(high, bounds.high);
  }
  return (low + high) / 2;
}

/**
 * Bounds of the anchor by one reading. The bounds hold even when the process waits during the reading: the system clock has
 * reached the read millisecond by the end, and had not reached the next millisecond at the start.
 */
function readBounds(): { readonly low: number; readonly high: number } {
  const before = monotonicNow();
  const milliseconds = systemNow();
  return { low: milliseconds - monotonicNow(), high: milliseconds + 1 - before };
}

/** The present time by the clock of a span's trace, for a log record in the span. */
export function timeWithin(span: Span | undefined): HrTime {
  return toHrTime(
    (span as { [ANCHOR]?: ClockAnchor } | undefined)?.[ANCHOR] ?? traceClock.anchor(),
    undefined,
  );
}

/**
 * Converts a caller's time for a trace with this anchor: a date, milliseconds since the epoch, a reading of
 * `performance.now()` (a number up to its present value), or seconds and nanoseconds. Anything else gives now.
 */
export function toHrTime(anchor: ClockAnchor, time: TimeInput | undefined): HrTime {
  const now = monotonicNow();
  if (typeof time === 'number') return millisToHrTime(time <= now ? anchor + time : time);
  if (types.isDate(time)) return millisToHrTime(time.getTime());
  return isTimeInputHrTime(time) ? time : millisToHrTime(anchor + now);
}
