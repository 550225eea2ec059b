import type { HrTime, TimeInput } from '@opentelemetry/api';
import { isTimeInputHrTime, millisToHrTime } from '../opentelemetry/sdk.ts';

/**
 * Wall time of `performance.now() === 0`, as one trace sees it. All spans that a process makes in one trace share one
 * anchor, so that their times come from the monotonic clock alone and nest, whatever the system clock does meanwhile.
 */
export interface ClockAnchor {
  readonly seconds: number;
  readonly nanoseconds: number;
}

/** What a clock reads; replaced in tests. */
export interface ClockSources {
  /** Milliseconds since the process's time origin, monotonic. */
  readonly monotonic: () => number;
  /** Whole milliseconds since the epoch, as the system has it. */
  readonly wall: () => number;
}

const PROCESS_CLOCKS: ClockSources = { monotonic: () => performance.now(), wall: () => Date.now() };

/** How often the system clock is compared, in milliseconds, while traces begin. */
const CHECK_INTERVAL_MS = 1_000;

/** The difference of the clocks is known well when its bounds are this near: two processes agree within 50 µs. */
const PRECISE_MS = 0.02;

/** One tick tells all, unless the process had to wait just then. These are some twenty ticks; clocks of tests may stand still. */
const MAX_READINGS = 200_000;

/** Milliseconds since the epoch, as numbers, are a quarter of a microsecond apart. */
const ROUNDING_MS = 0.001;

/**
 * The clock of a process's spans, in microseconds and better (the SDK's own start times are cut to milliseconds).
 *
 * Node's `performance.timeOrigin` is made of two readings with a gap between them: in one of 13 starts, two services on
 * one host disagreed by 0.4 ms. So the clock watches the system clock until it ticks, for a millisecond at the start of
 * the process, and again when the system clock has been stepped. A step reaches new traces only.
 */
export class TraceClock {
  readonly #sources: ClockSources;
  /** The system's clock less the monotonic one, in milliseconds. */
  #offset: number;
  #anchor: ClockAnchor;
  #nextCheckAt = 0;

  constructor(sources: ClockSources = PROCESS_CLOCKS) {
    this.#sources = sources;
    this.#offset = this.#measure();
    this.#anchor = anchorAt(this.#offset);
  }

  /** The anchor for a trace that starts now. */
  anchor(): ClockAnchor {
    const now = this.#sources.monotonic();
    if (now < this.#nextCheckAt) return this.#anchor;
    this.#nextCheckAt = now + CHECK_INTERVAL_MS;
    const { low, high } = this.#read();
    if (this.#offset < low - ROUNDING_MS || this.#offset > high + ROUNDING_MS) {
      this.#offset = this.#measure();
      this.#anchor = anchorAt(this.#offset);
    }
    return this.#anchor;
  }

  /** Now, as a trace with this anchor sees it. */
  now(anchor: ClockAnchor): HrTime {
    return timeAt(anchor, this.#sources.monotonic());
  }

  /**
   * A time that a caller gave, as a trace with this anchor sees it: a date, milliseconds since the epoch, a reading of
   * `performance.now()` (a number that is no larger than it is now), or seconds and nanoseconds. Now for anything else.
   */
  toHrTime(anchor: ClockAnchor, time: TimeInput | undefined): HrTime {
    if (time === undefined) return this.now(anchor);
    if (typeof time === 'number') {
      return time <= this.#sources.monotonic() ? timeAt(anchor, time) : millisToHrTime(time);
    }
    if (time instanceof Date) return millisToHrTime(time.getTime());
    return isTimeInputHrTime(time) ? time : this.now(anchor);
  }

  /** Reads until the system's clock ticks. */
  #measure(): number {
    let low = Number.NEGATIVE_INFINITY;
    let high = Number.POSITIVE_INFINITY;
    for (let count = 0; count < MAX_READINGS && high - low > PRECISE_MS; count++) {
      const reading = this.#read();
      low = Math.max(low, reading.low);
      high = Math.min(high, reading.high);
    }
    return (low + high) / 2;
  }

  /**
   * Bounds of the offset by one reading, however long the process had to wait within it: the system's clock was at
   * least at its whole millisecond after it, and had not reached the next one before it.
   */
  #read(): { readonly low: number; readonly high: number } {
    const { monotonic, wall } = this.#sources;
    const before = monotonic();
    const milliseconds = wall();
    return { low: milliseconds - monotonic(), high: milliseconds + 1 - before };
  }
}

/** The time of a reading of `performance.now()`, as a trace with this anchor sees it. */
export function timeAt(anchor: ClockAnchor, monotonicMs: number): HrTime {
  const whole = Math.floor(monotonicMs / 1000);
  const nanoseconds = anchor.nanoseconds + Math.round((monotonicMs - whole * 1000) * 1e6);
  return nanoseconds < 1e9
    ? [anchor.seconds + whole, nanoseconds]
    : [anchor.seconds + whole + 1, nanoseconds - 1e9];
}

function anchorAt(epochMs: number): ClockAnchor {
  const seconds = Math.floor(epochMs / 1000);
  return { seconds, nanoseconds: Math.round((epochMs - seconds * 1000) * 1e6) };
}
