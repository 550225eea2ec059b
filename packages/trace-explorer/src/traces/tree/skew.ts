/** Start and length in nanoseconds on one time line. */
export interface Interval {
  readonly start: number;
  readonly duration: number;
}

/** How far clocks of one machine may differ: browsers and some SDKs tell whole milliseconds only. */
const ONE_MACHINE_NS = 2_000_000;
/** By how much a server may end after its client had the answer: it closes the response, runs its last hooks. */
const LATE_END_NS = 5_000_000;

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

/** Kinds of the two sides of a call. A span whose sender said no kind may be either. */
const CALLS = ['client', 'producer', 'unspecified', ''];
const ANSWERS = ['server', 'consumer', 'unspecified', ''];

interface Spans {
  /** Parent's position, -1 for a root. */
  readonly parent: Int32Array;
  /** Every span after its parent. */
  readonly order: Int32Array;
  readonly clock: readonly Clock[];
  readonly kind: readonly string[];
  readonly start: Float64Array;
  readonly duration: Float64Array;
  /** Spans that were sent without a start time; they take their parent's. */
  readonly untimed: ReadonlySet<number>;
}

/** The clock that stamped a span. */
interface Clock {
  readonly host: string;
  /** False where the sender did not say which host it was: two such clocks may well be one. */
  readonly hostKnown: boolean;
}

/**
 * The shift of every span in nanoseconds (0: its clock agrees). A span on the host of its parent moves with its
 * parent; only where a call changes the host is the shift measured again.
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
      // A time that fits one machine needs no correction of its own: the span moves with its parent.
      const asOneHost = { ...inner, start: inner.start + parentShift };
      const isOneClock = oneMachine && isPlausible(outer, asOneHost);
      if (isOneClock || !isAcrossCall(kind[above], kind[index])) shift[index] = parentShift;
      else shift[index] = needed(kind[index] ?? '', outer, inner);
    }
  }
  return shift;
}

/**
 * Whether a caller waited for the other side. A page names the SERVER span that made the page as its parent and begins
 * when that span has ended: its clock may be right.
 */
function isAcrossCall(above = '', below = ''): boolean {
  return CALLS.includes(above) || ANSWERS.includes(below);
}

/** Whether a child of the same clock could have begun there: during its parent. It may end whenever it wants. */
function isPlausible(parent: Interval, child: Interval): boolean {
  return (
    child.start >= parent.start - ONE_MACHINE_NS &&
    child.start <= parent.start + parent.duration + ONE_MACHINE_NS
  );
}

/** The shift between two clocks that cannot agree. Work that nobody waited for may begin and end after its parent. */
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
