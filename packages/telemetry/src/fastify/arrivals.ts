import type { Context, Span } from '@opentelemetry/api';
import { TraceFlags, trace } from '@opentelemetry/api';
import { processWide } from '../process-wide.ts';

/** Requests since telemetry was started, by what their caller's context says about sampling. */
export interface Arrivals {
  /** Without a context of a caller. */
  none: number;
  sampled: number;
  /** Not sampled by their caller, and so without spans here. */
  unsampled: number;
}

/** Sees the counts after each unsampled arrival; returns whether it wants to see the next one, too. */
export type ArrivalWatch = (arrivals: Readonly<Arrivals>) => boolean;

const counted = processWide<{ counts: Arrivals; watch?: ArrivalWatch | undefined }>('arrivals 1', {
  counts: { none: 0, sampled: 0, unsampled: 0 },
});

/**
 * Counts a request whose caller's context its own span continues. One that is recorded although its caller did not
 * sample (OTEL_TRACES_SAMPLER=always_on) counts as sampled.
 */
export function countArrival(caller: Context, span: Span): void {
  const parent = trace.getSpanContext(caller);
  const { counts, watch } = counted.value;
  if (parent === undefined) counts.none++;
  else if ((parent.traceFlags & TraceFlags.SAMPLED) !== 0 || span.isRecording()) counts.sampled++;
  else {
    counts.unsampled++;
    if (watch?.(counts) === false) counted.value.watch = undefined;
  }
}

/** What was counted since the start. */
export function arrivals(): Readonly<Arrivals> {
  return counted.value.counts;
}

/** Counts from zero, and shows unsampled arrivals to `watched` until it returns false. */
export function watchArrivals(watched: ArrivalWatch): void {
  counted.value = { counts: { none: 0, sampled: 0, unsampled: 0 }, watch: watched };
}
