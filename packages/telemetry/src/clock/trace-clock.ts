import type { HrTime } from '@opentelemetry/api';

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
  /** Milliseconds since the epoch, as the system has it. */
  readonly wall: () => number;
  /** Wall time of the time origin in milliseconds since the epoch. */
  readonly origin: number;
}

const CHECK_INTERVAL_MS = 1_000;

/** `Date.now()` is cut to milliseconds and read a moment later: smaller differences are no step. */
const TOLERANCE_MS = 5;

/**
 * The clock of a process's spans, in microseconds and better (the SDK's own start times are cut to milliseconds).
 *
 * A step of the system clock reaches new traces only. Forward (the machine slept, or was corrected): the next trace
 * follows at once. Back: span times of the process stay monotonic, so the clock runs at half speed until it agrees.
 */
export class TraceClock {
  readonly #sources: ClockSources;
  #offset: number;
  #anchor: ClockAnchor;
  #checkedAt: number;

  constructor(sources: ClockSources = PROCESS_CLOCKS) {
    this.#sources = sources;
    this.#offset = sources.origin;
    this.#anchor = anchorAt(sources.origin);
    this.#checkedAt = sources.monotonic();
  }

  /** The anchor for a trace that starts now. */
  anchor(): ClockAnchor {
    const now = this.#sources.monotonic();
    const elapsed = now - this.#checkedAt;
    if (elapsed < CHECK_INTERVAL_MS) return this.#anchor;
    this.#checkedAt = now;
    const wall = this.#sources.wall() - now;
    if (Math.abs(wall - this.#offset) > TOLERANCE_MS) {
      this.#offset = Math.max(wall, this.#offset - elapsed / 2);
      this.#anchor = anchorAt(this.#offset);
    }
    return this.#anchor;
  }

  /** Now, as a trace with this anchor sees it. */
  now(anchor: ClockAnchor): HrTime {
    return timeAt(anchor, this.#sources.monotonic());
  }

  /** Whether a number given as a time is one of `performance.now()`, by the SDK's own rule. */
  isMonotonic(time: number): boolean {
    return time <= this.#sources.monotonic();
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
