import { depthFirst, listChildren } from '../model/children.ts';
import type { Arrival } from '../model/outline.ts';
import type { SpanRecord } from '../read/span-record.ts';
import { isFar, isOtherUnit } from '../read/span-record.ts';
import type { Mark } from './marks.ts';
import { arrivalOf, marksOf } from './marks.ts';
import { linkParents } from './parents.ts';
import { clockShifts } from './skew.ts';

/** A span in the tree; times in nanoseconds. */
export interface PlacedSpan {
  readonly record: SpanRecord;
  /** Index of its parent in the list, -1 for a root. */
  readonly parent: number;
  /** From the trace's start, after the clock shift. */
  readonly offset: number;
  /** Correction of the span's clock; 0 when the clocks agree. */
  readonly shift: number;
  readonly marks: readonly Mark[];
}

export interface TraceTree {
  /** Spans depth first; siblings ordered by start. */
  readonly spans: readonly PlacedSpan[];
  /** Adjusted start of the trace, nanoseconds since the Unix epoch. */
  readonly start: bigint;
  /** From the first span's start to the last one's end, nanoseconds. */
  readonly duration: number;
  readonly arrival: Arrival;
  /** The number of traces that this trace stands for: the largest sample rate. Undefined when no span was sampled. */
  readonly sampleRate?: number;
}

/** Builds a trace's tree from its spans in any order. Accepts any input: faults become marks. */
export function buildTree(records: readonly SpanRecord[]): TraceTree {
  const { parent, missing, cut, sharing } = linkParents(records);
  const time = timeline(records);
  const { base, start, duration, untimed } = time;

  const received = listChildren(parent, sortedBy(start, records));
  const shift = clockShifts({
    parent,
    order: depthFirst(received),
    clock: records,
    kind: records.map((record) => record.kind),
    start,
    duration,
    untimed,
  });
  const moved = start.map((at, index) => at + (shift[index] ?? 0));
  const children = shift.some((by) => by !== 0) ? listChildren(parent, sortedBy(moved, records)) : received;
  const order = depthFirst(children);
  const end = moved.map((at, index) => at + (duration[index] ?? 0));
  const first = moved.length === 0 ? 0 : minimum(moved);

  const conditions = { records, sharing, missing, cut, untimed, parent, shift };
  const marks = marksOf(conditions);
  const position = new Int32Array(order.length);
  for (const [at, index] of order.entries()) position[index] = at;
  const spans: PlacedSpan[] = [];
  for (const index of order) {
    const record = records[index];
    if (record === undefined) continue;
    const above = parent[index] ?? -1;
    spans.push({
      record,
      parent: above < 0 ? -1 : (position[above] ?? -1),
      offset: (moved[index] ?? 0) - first,
      shift: untimed.has(index) ? 0 : (shift[index] ?? 0),
      marks: marks(index),
    });
  }
  const sampleRate = records.reduce((most, record) => Math.max(most, record.sampleRate), 1);
  return {
    spans,
    start: base + BigInt(Math.round(first)),
    duration: moved.length === 0 ? 0 : maximum(end) - first,
    arrival: arrivalOf(conditions),
    ...(sampleRate > 1 && { sampleRate }),
  };
}

/**
 * Times relative to the earliest sent time, so that a double holds nanoseconds exactly. Beside spans of today, a time of
 * {@link isOtherUnit}, or one that {@link isFar}, is not a time.
 */
function timeline(records: readonly SpanRecord[]) {
  const isOdd = ({ start, received }: SpanRecord) => isOtherUnit(start) || isFar(start, received);
  const isOfToday = records.some((record) => record.start > 0n && !isOdd(record));
  const isTime = (record: SpanRecord) => record.start > 0n && !(isOfToday && isOdd(record));
  let base: bigint | undefined;
  for (const record of records)
    if (isTime(record) && (base === undefined || record.start < base)) base = record.start;
  const origin = base ?? 0n;
  const start = new Float64Array(records.length);
  const duration = new Float64Array(records.length);
  const untimed = new Set<number>();
  for (const [index, record] of records.entries()) {
    if (isTime(record)) start[index] = Number(record.start - origin);
    else untimed.add(index);
    duration[index] = record.duration;
  }
  return { base: origin, start, duration, untimed };
}

function sortedBy(start: Float64Array, records: readonly SpanRecord[]): Int32Array {
  const sequence = records.map((record) => record.sequence);
  return Int32Array.from(start.keys()).sort(
    (a, b) => (start[a] ?? 0) - (start[b] ?? 0) || (sequence[a] ?? 0) - (sequence[b] ?? 0),
  );
}

function minimum(values: Float64Array): number {
  return values.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY);
}

function maximum(values: Float64Array): number {
  return values.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY);
}
