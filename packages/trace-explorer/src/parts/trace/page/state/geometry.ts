import type { TraceModel } from '../../../../core/traces/model/trace-model.ts';
import { TIME_STEPS, valueTicks } from '../../../../page/charts/ticks.ts';

/** A part of the time line, nanoseconds from the trace's start. */
export type LineRange = readonly [from: number, to: number];

/** Position of a bar on the visible time line, in percent of the line's width. */
export interface BarPlace {
  readonly left: number;
  readonly width: number;
  /** -1 for a bar before the range, 1 for a bar after it, 0 otherwise. */
  readonly outside: -1 | 0 | 1;
}

/** Cuts an interval to the range. */
export function placeBar(offset: number, length: number, [from, to]: LineRange): BarPlace {
  const span = to - from || 1;
  if (offset > to) return { left: 100, width: 0, outside: 1 };
  if (offset + length < from) return { left: 0, width: 0, outside: -1 };
  const start = Math.max(offset, from);
  const end = Math.min(offset + length, to);
  return { left: ((start - from) / span) * 100, width: ((end - start) / span) * 100, outside: 0 };
}

/** Most pixels of a tick's label with the gap after it. */
const TICK_PIXELS = 76;
const END_PIXELS = 62;
/** The part of TICK_PIXELS that is the gap before the next label. */
const TICK_GAP = 26;

/** Steps from which times are round in minutes and hours, nanoseconds. */
const LONG_STEPS = TIME_STEPS.map((seconds) => 1e9 * seconds);

/** Round times, in whole nanoseconds, with their positions in percent, and the distance between them. */
export function timeMarks(
  range: LineRange,
  line: number,
): { readonly marks: readonly { at: number; left: number }[]; readonly step: number } {
  const [from, to] = range;
  const span = to - from || 1;
  const most = Math.max(1, Math.min(10, Math.floor(line / TICK_PIXELS)));
  const ticks = valueTicks(from, to, most, span > 60e9 ? LONG_STEPS : []).filter(Number.isInteger);
  const [first = 0, second = to] = ticks;
  // The end has a label of its own. No other label may reach it.
  const room = END_PIXELS + TICK_PIXELS - TICK_GAP;
  const marks = ticks
    .map((at) => ({ at, left: ((at - from) / span) * 100 }))
    .filter(({ left }) => left === 0 || ((100 - left) / 100) * line >= room);
  return { marks, step: second - first };
}

const UNITS = [
  [1e9, 's'],
  [1e6, 'ms'],
  [1e3, 'µs'],
  [1, 'ns'],
] as const;

/** A round time without trailing zeros: `5 ms`, `2.5 s`, `1 h 30 min`. */
export function formatMark(at: number, to: number): string {
  const [size, unit] = UNITS.find(([each]) => to >= each) ?? [1, 'ns'];
  if (at < 60e9) return `${Number((at / size).toPrecision(9))} ${unit}`;
  const parts = [
    [Math.floor(at / 3600e9), 'h'],
    [Math.floor(at / 60e9) % 60, 'min'],
    [(at % 60e9) / 1e9, 's'],
  ] as const;
  return parts.flatMap(([value, name]) => (value === 0 ? [] : `${value} ${name}`)).join(' ');
}

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
