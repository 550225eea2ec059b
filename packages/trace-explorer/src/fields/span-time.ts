import type { Span } from '@tandem/otlp';

export interface SpanTime {
  /** Start, nanoseconds since the epoch, fit for a signed 64-bit column. */
  readonly time: bigint;
  /** Never negative. */
  readonly durationMs: number;
  /** The span ends before it starts, or never did: its duration is 0. */
  readonly invalidDuration: boolean;
  /** The start is absent, unrepresentable, or more than a day ahead of its arrival. */
  readonly invalidTime: boolean;
}

/**
 * When a span happened. Without a usable start it is placed at its end, else at its arrival, so that a query
 * over recent time finds it; a start in the future is kept as sent. `_span` keeps the times as they came.
 */
export function spanTime(
  { startTimeUnixNano: start, endTimeUnixNano: end }: Span,
  received: bigint,
): SpanTime {
  const usable = usableTime(start) !== undefined;
  const time = usableTime(start) ?? usableTime(end) ?? received;
  const invalidDuration = !usable || end < start || end > MAX_TIME;
  return {
    time,
    durationMs: invalidDuration ? 0 : Number(end - start) / 1e6,
    invalidDuration,
    invalidTime: !usable || start > latestTime(received),
  };
}

/** A time that was given, and that a signed 64-bit column can hold; undefined for any other. */
export function usableTime(time: bigint): bigint | undefined {
  return time > 0n && time <= MAX_TIME ? time : undefined;
}

/** The last time that is believed of what came then: where one is more than a day ahead of its arrival, a clock is wrong. */
export function latestTime(received: bigint): bigint {
  return received + ONE_DAY;
}

/** The last nanosecond of a signed 64-bit clock, in the year 2262. */
const MAX_TIME = 0x7fff_ffff_ffff_ffffn;
const ONE_DAY = 86_400_000_000_000n;
