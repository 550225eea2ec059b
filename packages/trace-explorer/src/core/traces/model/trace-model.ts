import { getOrMake } from '../../../lib/get-or-make.ts';
import type { LinkedSpan, TraceOutline } from './outline.ts';
import type { FactReaders, Sparse } from './span-facts.ts';
import { factReaders } from './span-facts.ts';
import type { Wait } from './waits.ts';
import { waitsOf } from './waits.ts';

/** The difference of a span between two compared traces. */
export type Difference = 'same' | 'added' | 'missing' | 'slower' | 'faster';

/** How a span differs from its counterpart in the other trace. */
export interface SpanDifference {
  readonly difference: Difference;
  /** Nanoseconds that the counterpart took; for a missing span its own duration. */
  readonly otherDuration: number;
  /** Nanoseconds that the span without its children took longer here; negative for a faster span. */
  readonly selfChange: number;
  /** The counterpart, when there is one. */
  readonly other?: { readonly traceId: string; readonly spanId: string; readonly copy: number };
}

/** A span of each of two traces, by its index. */
export interface ComparedPart {
  readonly here: number;
  readonly there: number;
}

/** A trace in depth-first order, ready for drawing. Times in nanoseconds. */
export interface TraceModel extends FactReaders {
  readonly traceId: string;
  /** Adjusted start, nanoseconds since the epoch. */
  readonly start: bigint;
  readonly duration: number;
  /** The number of traces that this trace stands for; undefined when no span was sampled. */
  readonly sampleRate: number | undefined;
  readonly count: number;
  readonly services: TraceOutline['services'];
  readonly arrival: TraceOutline['arrival'];
  readonly parent: Int32Array;
  readonly depth: Int32Array;
  readonly children: Int32Array;
  /** The index after the last span below a span. */
  readonly end: Int32Array;
  /** Errors of the span and of all spans below it. */
  readonly errorsWithin: Int32Array;
  readonly offset: Float64Array;
  readonly length: Float64Array;
  readonly error: Uint8Array;
  /** Spans with an error, in order. */
  readonly errors: readonly number[];
  /** Whether clocks were corrected. The page then shows a notice with a switch. */
  readonly shifted: boolean;
  readonly events: ReadonlyMap<number, readonly SpanMark[]>;
  name(index: number): string;
  service(index: number): string;
  kind(index: number): string;
  spanId(index: number): string;
  marks(index: number): readonly string[];
  marked(mark: string): readonly number[];
  /** Which half of a call is stored as another trace: the half before the call, or after it. */
  lost(index: number): 'before' | 'after' | undefined;
  missingParent(index: number): string | undefined;
  /** How long the message of a span, or of a linked span, waited until its work began. */
  wait(index: number): Wait | undefined;
  /** Spans of other traces at the other ends of links, in the order of time. */
  readonly linked: readonly LinkedSpan[];
  /** The linked spans of a span, in the order of time. */
  linkedTo(index: number): readonly LinkedSpan[];
  /** Whether the trace has more links than `linked`. */
  readonly hasMoreLinks: boolean;
  copy(index: number): number | undefined;
  /** Nanoseconds that the clock correction added. */
  shift(index: number): number;
  /** When two traces are compared: this trace alone. */
  readonly own?: TraceModel;
  /** When two traces are compared: the other one, and the spans of both where only these were compared. */
  readonly other?: { readonly model: TraceModel; readonly part: ComparedPart | undefined };
  /** Given when two traces are compared. */
  comparison?(index: number): SpanDifference;
  /** Id of the trace that a span belongs to. A span that is missing here belongs to the other trace. */
  traceOf(index: number): string;
  /** The span's index in this trace's own list, to which the explorer's answers refer; -1 for a span of the other trace. */
  source(index: number): number;
  /** The span's name in URLs: its id. When several spans share the id, a number follows: `00f067aa0ba902b7.1`. */
  ref(index: number): string;
  /** Index of the span with such a name; -1 without such a span. */
  indexOf(ref: string): number;
}

export interface SpanMark {
  /** Nanoseconds from the trace's start. */
  readonly offset: number;
  readonly name: string;
}

/** Builds the model. With `asSent`, clocks are not corrected. */
export function buildModel(outline: TraceOutline, { asSent = false } = {}): TraceModel {
  const count = outline.name.length;
  const parent = Int32Array.from(outline.parent);
  const shifts = new Map(outline.shift);
  const offset = Float64Array.from(outline.offset);
  let base = 0;
  if (asSent && shifts.size > 0) {
    for (const [index, shift] of shifts) offset[index] = (offset[index] ?? 0) - shift;
    base = least(offset);
    for (let index = 0; index < count; index++) offset[index] = (offset[index] ?? 0) - base;
  }
  const length = Float64Array.from(outline.duration);
  const error = new Uint8Array(count);
  for (const index of outline.errors) error[index] = 1;
  const shape = shapeOf(parent, offset, length, error);
  const text = (at: number | undefined) => outline.texts[at ?? -1] ?? '';
  const spanId = (index: number) => outline.span_ids.slice(index * 16, index * 16 + 16);
  const events = eventsOf(outline, (index) => (asSent ? (shifts.get(index) ?? 0) : 0) + base);
  const copies = new Map(outline.copy);
  const linked = linkedOf(outline, base);
  const linkedBy = Map.groupBy(linked, ({ at }) => at);
  let waits: ReadonlyMap<number, Wait> | undefined;
  const model: TraceModel = {
    traceId: outline.trace_id,
    start: BigInt(outline.start_ns) + BigInt(Math.round(base)),
    sampleRate: outline.sample_rate,
    services: outline.services,
    arrival: outline.arrival,
    ...shape,
    duration: asSent && shifts.size > 0 ? shape.duration : outline.duration_ns,
    shifted: shifts.size > 0,
    events,
    name: (index) => text(outline.name[index]),
    service: (index) => outline.services[outline.service[index] ?? -1]?.name ?? '',
    kind: (index) => text(outline.kind[index]),
    spanId,
    ...factReaders(outline),
    marks: reader(outline.marks, NO_MARKS),
    marked: (mark) => outline.marks.flatMap(([index, all]) => (all.includes(mark) ? [index] : [])),
    lost: reader(outline.lost, undefined),
    missingParent: reader(outline.missing_parent, undefined),
    copy: (index) => copies.get(index),
    shift: (index) => shifts.get(index) ?? 0,
    traceOf: () => outline.trace_id,
    source: (index) => index,
    ref: (index) => refOf(spanId(index), copies.get(index)),
    indexOf: (name) => findRef(outline.span_ids, copies, name),
    wait: (index) => {
      waits ??= waitsOf(model);
      return waits.get(index);
    },
    linked,
    linkedTo: (index) => linkedBy.get(index) ?? [],
    hasMoreLinks: outline.linked?.more === true,
  };
  return model;
}

/** The linked spans in the order of time, moved as the trace's start is. */
function linkedOf({ linked }: TraceOutline, base: number): readonly LinkedSpan[] {
  const spans = (linked?.spans ?? []).map((each) =>
    each.span === undefined ? each : { ...each, span: { ...each.span, offset: each.span.offset - base } },
  );
  return spans.toSorted((a, b) => (a.span?.offset ?? 0) - (b.span?.offset ?? 0));
}

const NO_MARKS: readonly string[] = [];

/** Reads a property that few spans have. */
function reader<T, Absent>(entries: Sparse<T>, absent: Absent): (index: number) => T | Absent {
  const values = new Map(entries);
  return (index) => values.get(index) ?? absent;
}

/** Finds the index of a ref. Searching the text takes 1 ms for 100,000 spans. Making a map would take 100 ms. */
function findRef(spanIds: string, copies: ReadonlyMap<number, number>, ref: string): number {
  const [id = '', copy = '0'] = ref.split('.');
  if (id.length !== 16) return -1;
  for (let at = spanIds.indexOf(id); at >= 0; at = spanIds.indexOf(id, at + 1)) {
    const index = at / 16;
    if (Number.isInteger(index) && (copies.get(index) ?? 0) === Number(copy)) return index;
  }
  return -1;
}

/** See TraceModel.ref. */
function refOf(spanId: string, copy = 0): string {
  return copy === 0 ? spanId : `${spanId}.${copy}`;
}

/** Times and errors of the spans of a depth-first list, with depth, children and extent of each span by its parent. */
export function shapeOf(parent: Int32Array, offset: Float64Array, length: Float64Array, error: Uint8Array) {
  const count = parent.length;
  const depth = new Int32Array(count);
  const children = new Int32Array(count);
  const end = new Int32Array(count);
  const errorsWithin = Int32Array.from(error);
  for (let index = 0; index < count; index++) {
    const above = parent[index] ?? -1;
    if (above >= 0) {
      depth[index] = (depth[above] ?? 0) + 1;
      children[above] = (children[above] ?? 0) + 1;
    }
    end[index] = index + 1;
  }
  for (let index = count - 1; index >= 0; index--) {
    const above = parent[index] ?? -1;
    if (above < 0) continue;
    end[above] = Math.max(end[above] ?? 0, end[index] ?? 0);
    errorsWithin[above] = (errorsWithin[above] ?? 0) + (errorsWithin[index] ?? 0);
  }
  const errors = [...error.keys()].filter((index) => error[index] === 1);
  const duration = offset.reduce((last, start, index) => Math.max(last, start + (length[index] ?? 0)), 0);
  return { count, parent, offset, length, error, errors, duration, depth, children, end, errorsWithin };
}

function eventsOf({ events, texts }: TraceOutline, moved: (index: number) => number) {
  const found = new Map<number, SpanMark[]>();
  for (const [at, index] of events.index.entries()) {
    const mark = {
      offset: (events.offset[at] ?? 0) - moved(index),
      name: texts[events.name[at] ?? -1] ?? '',
    };
    getOrMake(found, index, () => []).push(mark);
  }
  return found;
}

function least(values: Float64Array): number {
  return values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
}
