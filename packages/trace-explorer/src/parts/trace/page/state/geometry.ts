import { valueTicks } from '../../../../page/charts/ticks.ts';

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

/** Round times with their positions in percent, and the distance between them: 1, 2 or 5 times a power of ten. */
export function timeMarks(
  range: LineRange,
  line: number,
): { readonly marks: readonly { at: number; left: number }[]; readonly step: number } {
  const [from, to] = range;
  const span = to - from || 1;
  const most = Math.max(1, Math.min(10, Math.floor(line / TICK_PIXELS)));
  const ticks = valueTicks(from, to, most);
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

/** A round time without trailing zeros: `5 ms`, `2.5 s`. */
export function formatMark(at: number, to: number): string {
  const [size, unit] = UNITS.find(([each]) => to >= each) ?? [1, 'ns'];
  return `${Number((at / size).toPrecision(9))} ${unit}`;
}
