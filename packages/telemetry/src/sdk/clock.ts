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
  /** Wall time of the time origin in milliseconds since the epoch, as Node has it: a guess. */
  readonly origin: number;
}

/** How often a system clock that is known well enough is looked at, in milliseconds. */
const CHECK_INTERVAL_MS = 1_000;

/** The offset is known well enough when its bounds are this near to each other: two processes agree within 50 µs. */
const PRECISE_MS = 0.02;

/**
 * One tick of the millisecond clock tells all, unless the process had to wait just then. A millisecond has some 10,000
 * readings, so these are four ticks; the clocks of tests may stand still.
 */
const MAX_FIRST_READINGS = 40_000;

/**
 * The clock of a process's spans, in microseconds and better (the SDK's own start times are cut to milliseconds).
 *
 * Node's `performance.timeOrigin` is made of two readings with a gap between them: in one of 13 starts, two services on
 * one host disagreed by 0.4 ms. So the system clock is watched until it ticks, for a
 * millisecond at the start of the process, and looked at again while traces begin; see {@link ClockOffset}.
 *
 * A step of the system clock reaches new traces only. Forward (the machine slept, or was corrected): the next trace
 * follows at once. Back: span times of the process stay monotonic, so the clock runs at half speed until it agrees.
 */
export class TraceClock {
  readonly #sources: ClockSources;
  readonly #bounds = new ClockOffset();
  #offset: number;
  #anchor: ClockAnchor;
  #readAt: number;
  #nextReadingAt: number;

  constructor(sources: ClockSources = PROCESS_CLOCKS) {
    this.#sources = sources;
    this.#readAt = sources.monotonic();
    for (let count = 0; count < MAX_FIRST_READINGS && this.#bounds.width > PRECISE_MS; count++) this.#read();
    this.#offset = this.#bounds.nearest(sources.origin);
    this.#anchor = anchorAt(this.#offset);
    this.#nextReadingAt = this.#nextReading();
  }

  /** The anchor for a trace that starts now. */
  anchor(): ClockAnchor {
    const now = this.#sources.monotonic();
    if (now >= this.#nextReadingAt) this.#follow();
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

  /** Reads the system clock, and moves the offset no further than what was read demands. */
  #follow(): void {
    const lastReadAt = this.#readAt;
    this.#read();
    const wanted = this.#bounds.nearest(this.#offset);
    const offset = Math.max(wanted, this.#offset - (this.#readAt - lastReadAt) / 2);
    if (offset !== this.#offset) {
      this.#offset = offset;
      this.#anchor = anchorAt(offset);
    }
    this.#nextReadingAt = offset === wanted ? this.#nextReading() : this.#readAt;
  }

  /** What is not known well is looked at with every trace. */
  #nextReading(): number {
    return this.#bounds.width > PRECISE_MS ? this.#readAt : this.#readAt + CHECK_INTERVAL_MS;
  }

  #read(): void {
    const { monotonic, wall } = this.#sources;
    const before = monotonic();
    const milliseconds = wall();
    const after = monotonic();
    this.#bounds.narrow(before, milliseconds, after);
    this.#readAt = before;
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

const PROCESS_CLOCKS: ClockSources = {
  monotonic: () => performance.now(),
  wall: () => Date.now(),
  origin: performance.timeOrigin,
};

/**
 * How far the two clocks of one machine may drift apart, as a fraction: 100 µs per second. On Linux both run at the
 * same speed; elsewhere a clock that is being corrected may do more, which looks like a small step.
 */
const MAX_DRIFT = 1e-4;

/** Milliseconds since the epoch, as numbers, are a quarter of a microsecond apart. */
const ROUNDING_MS = 0.001;

/**
 * What is known of the difference between the system's clock and the process's monotonic clock, in milliseconds: two
 * bounds, and the truth between them.
 *
 * The system's clock says whole milliseconds. A reading `d`, taken between the readings `before` and `after` of the
 * monotonic clock, means that it was at least `d` by `after`, and less than `d + 1` at `before`. Each reading bounds the
 * difference from both sides so, however long the process had to wait in between; together, they leave microseconds.
 */
class ClockOffset {
  #low = Number.NEGATIVE_INFINITY;
  #high = Number.POSITIVE_INFINITY;
  #readAt = 0;

  /** How far the bounds are apart. */
  get width(): number {
    return this.#high - this.#low;
  }

  /** The possible difference that is nearest to a guess. */
  nearest(guess: number): number {
    return Math.min(Math.max(guess, this.#low), this.#high);
  }

  /** Takes a reading in. One that contradicts what was known is a step of the system's clock: it alone counts then. */
  narrow(before: number, milliseconds: number, after: number): void {
    const low = milliseconds - after;
    const high = milliseconds + 1 - before;
    const drift = (before - this.#readAt) * MAX_DRIFT;
    this.#readAt = before;
    const knownLow = this.#low - drift;
    const knownHigh = this.#high + drift;
    const isStep = low > knownHigh + ROUNDING_MS || high < knownLow - ROUNDING_MS;
    this.#low = isStep ? low : Math.max(low, knownLow);
    this.#high = Math.max(this.#low, isStep ? high : Math.min(high, knownHigh));
  }
}
