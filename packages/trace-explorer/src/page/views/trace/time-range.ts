import type { TraceModel } from '../../../traces/model/trace-model.ts';
import type { TimeRange } from './grid/geometry.ts';

/** Nanoseconds on each side of the middle, below which zooming in does not go. */
const LEAST_HALF = 500;

/** All of the trace's time, or that of a subtree. */
export function wholeRange(model: TraceModel, root: number | undefined): TimeRange {
  if (root === undefined) return [0, Math.max(model.duration, 1)];
  let [from, to] = [Number.POSITIVE_INFINITY, 0];
  for (let place = root; place < (model.end[root] ?? 0); place++) {
    const start = model.offset[place] ?? 0;
    from = Math.min(from, start);
    to = Math.max(to, start + (model.length[place] ?? 0));
  }
  return [from, Math.max(to, from + 1)];
}

/** The part of a range that lies within `full`; all of it when there is none. */
export function clip(range: TimeRange | undefined, full: TimeRange): TimeRange {
  if (range === undefined) return full;
  const cut: TimeRange = [Math.max(full[0], range[0]), Math.min(full[1], range[1])];
  return cut[1] > cut[0] ? cut : full;
}

/** A range that is longer or shorter by a factor, around the same middle or around a moment; within `full`. */
export function scaled(
  [from, to]: TimeRange,
  full: TimeRange,
  factor: number,
  middle = (from + to) / 2,
): TimeRange {
  const length = Math.min(full[1] - full[0], Math.max((to - from) * factor, 2 * LEAST_HALF));
  const start = Math.min(full[1] - length, Math.max(full[0], middle - length / 2));
  return [start, start + length];
}

/** The middle of an interval, of its part that is shown where one is. */
export function middleOf(start: number, end: number, shown: TimeRange): number {
  const [from, to] = [Math.max(start, shown[0]), Math.min(end, shown[1])];
  return from <= to ? (from + to) / 2 : (start + end) / 2;
}

/** Whether a range leaves nothing out. */
export function isWhole(range: TimeRange, full: TimeRange): boolean {
  return range[0] <= full[0] && range[1] >= full[1];
}
