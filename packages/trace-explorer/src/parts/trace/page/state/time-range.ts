import type { TraceModel } from '../../../../core/traces/model/trace-model.ts';
import type { LineRange } from './geometry.ts';

/** Nanoseconds on each side of the middle at the highest zoom. */
const LEAST_HALF = 500;

/** The time of the whole trace, or of a subtree. */
export function wholeRange(model: TraceModel, root: number | undefined): LineRange {
  if (root === undefined) return [0, Math.max(model.duration, 1)];
  let [from, to] = [Number.POSITIVE_INFINITY, 0];
  for (let index = root; index < (model.end[root] ?? 0); index++) {
    const start = model.offset[index] ?? 0;
    from = Math.min(from, start);
    to = Math.max(to, start + (model.length[index] ?? 0));
  }
  return [from, Math.max(to, from + 1)];
}

/** The part of a range within `full`; `full` without a range. */
export function clip(range: LineRange | undefined, full: LineRange): LineRange {
  if (range === undefined) return full;
  const cut: LineRange = [Math.max(full[0], range[0]), Math.min(full[1], range[1])];
  return cut[1] > cut[0] ? cut : full;
}

/** A range that is longer or shorter by a factor, around its middle or around a given moment; within `full`. */
export function scaled(
  [from, to]: LineRange,
  full: LineRange,
  factor: number,
  middle = (from + to) / 2,
): LineRange {
  const length = Math.min(full[1] - full[0], Math.max((to - from) * factor, 2 * LEAST_HALF));
  const start = Math.min(full[1] - length, Math.max(full[0], middle - length / 2));
  return [start, start + length];
}

/** The middle of the visible part of an interval, or of the whole interval when no part is visible. */
export function middleOf(start: number, end: number, shown: LineRange): number {
  const [from, to] = [Math.max(start, shown[0]), Math.min(end, shown[1])];
  return from <= to ? (from + to) / 2 : (start + end) / 2;
}

/** Whether a range covers everything. */
export function isWhole(range: LineRange, full: LineRange): boolean {
  return range[0] <= full[0] && range[1] >= full[1];
}
