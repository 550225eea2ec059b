import type { TraceModel } from './trace-model.ts';

/** Equal neighbours: spans one after the other below one parent, of one service, name and kind, with nothing of their own. */
export interface SpanGroup {
  readonly first: number;
  /** Place after the last one. */
  readonly end: number;
  /** Nanoseconds from the trace's start at which the first one begins. */
  readonly from: number;
  /** Nanoseconds from the trace's start at which the last span ends. */
  readonly until: number;
  /** Nanoseconds of all of them together: more than from first to last where they ran at a time, less with pauses. */
  readonly sum: number;
}

/** Fewer are shown one by one. */
const LEAST = 3;

/** The groups of a trace. */
export class SpanGroups {
  readonly #byFirst = new Map<number, SpanGroup>();
  readonly #all: SpanGroup[] = [];

  constructor(model: TraceModel) {
    for (let place = 0; place < model.count; ) {
      const end = endOfRun(model, place);
      if (end - place >= LEAST) this.#add(groupOf(model, place, end));
      place = Math.max(end, place + 1);
    }
  }

  get size(): number {
    return this.#all.length;
  }

  /** The group that begins at a place. */
  at(place: number): SpanGroup | undefined {
    return this.#byFirst.get(place);
  }

  /** The group that a place is in. */
  of(place: number): SpanGroup | undefined {
    let low = 0;
    let high = this.#all.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#all[middle]?.first ?? 0) <= place) low = middle;
      else high = middle - 1;
    }
    const group = this.#all[low];
    return group !== undefined && place >= group.first && place < group.end ? group : undefined;
  }

  #add(group: SpanGroup): void {
    this.#byFirst.set(group.first, group);
    this.#all.push(group);
  }
}

/** How many spans a group has. */
export function sizeOf({ first, end }: SpanGroup): number {
  return end - first;
}

/** Place after the last span that is like the one at a place; the place itself where that one stands alone. */
function endOfRun(model: TraceModel, first: number): number {
  if (!isPlain(model, first)) return first;
  let place = first + 1;
  while (place < model.count && isPlain(model, place) && isLike(model, first, place)) place++;
  return place;
}

/** Whether there is nothing to see of a span but its name and time: no error, nothing below, no event, link or sign. */
function isPlain(model: TraceModel, place: number): boolean {
  return (
    model.error[place] !== 1 &&
    (model.children[place] ?? 0) === 0 &&
    !model.events.has(place) &&
    model.links(place) === 0 &&
    model.marks(place).every((mark) => mark === 'clock_adjusted')
  );
}

function isLike(model: TraceModel, a: number, b: number): boolean {
  return (
    model.parent[a] === model.parent[b] &&
    model.name(a) === model.name(b) &&
    model.service(a) === model.service(b) &&
    model.kind(a) === model.kind(b)
  );
}

function groupOf({ offset, length }: TraceModel, first: number, end: number): SpanGroup {
  let [from, until, sum] = [Number.POSITIVE_INFINITY, 0, 0];
  for (let place = first; place < end; place++) {
    const [start, took] = [offset[place] ?? 0, length[place] ?? 0];
    from = Math.min(from, start);
    until = Math.max(until, start + took);
    sum += took;
  }
  return { first, end, from, until, sum };
}
