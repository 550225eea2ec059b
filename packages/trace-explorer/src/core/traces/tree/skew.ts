/** Start and length in nanoseconds on one time line. */
export interface Interval {
  readonly start: number;
  readonly duration: number;
}

/** How far clocks of one machine may differ: browsers and some SDKs send whole milliseconds. */
const ONE_MACHINE_NS = 2_000_000;
/** How long a server span may last after its client had the answer: the server closes the response and runs its last hooks. */
const LATE_END_NS = 5_000_000;

/**
 * The shift in nanoseconds that puts a child on another host within its parent (Jaeger's rule, jaegertracing/jaeger
 * `clockskew`). 0 when the child fits. A child that is not shorter than its parent and began before it moves to the parent's
 * start. Any other child moves to the middle, as if the network were equally slow both ways.
 */
export function skewBetween(parent: Interval, child: Interval): number {
  if (child.duration >= parent.duration) return Math.max(0, parent.start - child.start);
  const fits = child.start >= parent.start && child.start + child.duration <= parent.start + parent.duration;
  if (fits) return 0;
  return parent.start + (parent.duration - child.duration) / 2 - child.start;
}

/** Kinds of the two sides of a call. A span of unspecified kind may be either side. */
const CALLS = ['client', 'producer', 'unspecified', ''];
const ANSWERS = ['server', 'consumer', 'unspecified', ''];

interface Spans {
  /** Parent's position, -1 for a root. */
  readonly parent: Int32Array;
  /** Positions of spans in an order in which each span follows its parent. */
  readonly order: Int32Array;
  readonly clock: readonly Clock[];
  readonly kind: readonly string[];
  readonly start: Float64Array;
  readonly duration: Float64Array;
  /** Spans without a sent start time. Such a span gets its parent's start. */
  readonly untimed: ReadonlySet<number>;
}

/** The clock that stamped a span. */
interface Clock {
  readonly host: string;
  /** False when the sender did not name its host. Then two clocks may be one. */
  readonly hostKnown: boolean;
}

/**
 * The shift of every span in nanoseconds (0: its clock agrees). A span on its parent's host moves with its parent. The shift is
 * measured again only when a call changes the host.
 */
export function clockShifts(spans: Spans): Float64Array {
  const { parent, order, clock, kind, start, duration, untimed } = spans;
  const shift = new Float64Array(parent.length);
  for (const index of order) {
    const above = parent[index] ?? -1;
    if (above < 0) continue;
    const parentShift = untimed.has(above) ? 0 : (shift[above] ?? 0);
    const parentStart = (start[above] ?? 0) + (shift[above] ?? 0);
    const [own, parents] = [clock[index], clock[above]];
    if (untimed.has(index)) shift[index] = parentStart - (start[index] ?? 0);
    else if (own === undefined || parents === undefined || own.host === parents.host)
      shift[index] = parentShift;
    else if (!untimed.has(above)) {
      const outer = { start: parentStart, duration: duration[above] ?? 0 };
      const inner = { start: start[index] ?? 0, duration: duration[index] ?? 0 };
      const oneMachine = !own.hostKnown || !parents.hostKnown;
      // A time that fits one machine needs no separate correction, so the span moves with its parent.
      const asOneHost = { ...inner, start: inner.start + parentShift };
      const isOneClock = oneMachine && isPlausible(outer, asOneHost);
      if (isOneClock || !isAcrossCall(kind[above], kind[index])) shift[index] = parentShift;
      else shift[index] = needed(kind[index] ?? '', outer, inner);
    }
  }
  return shift;
}

/**
 * Whether a caller waited for the other side. A browser's page names the SERVER span of the page as its parent, and begins
 * after the end of this span. So its clock may be right.
 */
function isAcrossCall(above = '', below = ''): boolean {
  return CALLS.includes(above) || ANSWERS.includes(below);
}

/**
 * Whether a child with the same clock could have begun at this time, which is during its parent. The child may end at any time.
 */
function isPlausible(parent: Interval, child: Interval): boolean {
  return (
    child.start >= parent.start - ONE_MACHINE_NS &&
    child.start <= parent.start + parent.duration + ONE_MACHINE_NS
  );
}

/**
 * The shift between two clocks that contradict each other. Work without a waiting caller may begin and end after its parent.
 */
function needed(kind: string, parent: Interval, child: Interval): number {
  const parentEnd = parent.start + parent.duration;
  const end = child.start + child.duration;
  if (kind === 'consumer' || (kind !== 'server' && end > parentEnd)) {
    return Math.max(0, parent.start - child.start);
  }
  const endsSoonAfter =
    child.start >= parent.start && child.start <= parentEnd && end <= parentEnd + LATE_END_NS;
  return endsSoonAfter ? 0 : skewBetween(parent, child);
}
