/** Start and length in nanoseconds on one time line. */
export interface Interval {
  readonly start: number;
  readonly duration: number;
}

/**
 * How far a child on another host must move so that it happened within its parent (Jaeger's rule,
 * jaegertracing/jaeger `clockskew`): nothing when it fits, to the parent's start when it lasted longer than the
 * parent and began before it, else to the middle, taking the network to be equally slow both ways. Nanoseconds.
 */
export function skewBetween(parent: Interval, child: Interval): number {
  if (child.duration > parent.duration) return Math.max(0, parent.start - child.start);
  const fits = child.start >= parent.start && child.start + child.duration <= parent.start + parent.duration;
  if (fits) return 0;
  return parent.start + (parent.duration - child.duration) / 2 - child.start;
}

interface Spans {
  /** Parent's position, -1 for a root. */
  readonly parent: Int32Array;
  /** Every span after its parent. */
  readonly order: Int32Array;
  readonly host: readonly string[];
  readonly start: Float64Array;
  readonly duration: Float64Array;
  /** Spans that were sent without a start time; they take their parent's. */
  readonly untimed: ReadonlySet<number>;
}

/**
 * The shift of every span in nanoseconds (0: its clock agrees). A span on the host of its parent moves with its
 * parent; only where the host changes is the shift measured again.
 */
export function clockShifts(spans: Spans): Float64Array {
  const { parent, order, host, start, duration, untimed } = spans;
  const shift = new Float64Array(parent.length);
  for (const index of order) {
    const above = parent[index] ?? -1;
    if (above < 0) continue;
    const parentStart = (start[above] ?? 0) + (shift[above] ?? 0);
    if (untimed.has(index)) shift[index] = parentStart - (start[index] ?? 0);
    else if (host[index] === host[above]) shift[index] = untimed.has(above) ? 0 : (shift[above] ?? 0);
    else if (!untimed.has(above)) {
      shift[index] = skewBetween(
        { start: parentStart, duration: duration[above] ?? 0 },
        { start: start[index] ?? 0, duration: duration[index] ?? 0 },
      );
    }
  }
  return shift;
}
