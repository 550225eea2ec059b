/** A part of the time line, nanoseconds from the trace's start. */
export type TimeRange = readonly [from: number, to: number];

/** Where a bar stands in what is shown, in percent of its width. */
export interface BarPlace {
  readonly left: number;
  readonly width: number;
  /** -1 when the whole bar lies before the range, 1 when it lies after it, else 0. */
  readonly outside: -1 | 0 | 1;
}

/** Cuts an interval to the range. */
export function placeBar(offset: number, length: number, [from, to]: TimeRange): BarPlace {
  const span = to - from || 1;
  if (offset > to) return { left: 100, width: 0, outside: 1 };
  if (offset + length < from) return { left: 0, width: 0, outside: -1 };
  const start = Math.max(offset, from);
  const end = Math.min(offset + length, to);
  return { left: ((start - from) / span) * 100, width: ((end - start) / span) * 100, outside: 0 };
}

/** Marks that divide the range into four equal parts, with their times. */
export function quarterMarks([from, to]: TimeRange): readonly { at: number; left: number }[] {
  return [0, 25, 50, 75].map((left) => ({ left, at: from + ((to - from) * left) / 100 }));
}
