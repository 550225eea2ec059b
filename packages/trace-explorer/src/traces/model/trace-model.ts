import { getOrMake } from '../../shared/get-or-make.ts';
import type { TraceOutline } from './outline.ts';

/** The difference of a span between two compared traces. */
export type Difference = 'same' | 'added' | 'missing' | 'slower' | 'faster';

/** How a span differs from its counterpart in the other trace. */
export interface Comparison {
  readonly difference: Difference;
  /** Nanoseconds that the counterpart took; for a missing span its own duration. */
  readonly otherDuration: number;
  /** Nanoseconds by which the span itself, without its children, took longer here; negative when it was faster. */
  readonly selfChange: number;
  /** The counterpart, when there is one. */
  readonly other?: { readonly traceId: string; readonly spanId: string; readonly copy: number };
}

/** A trace in depth-first order, ready for drawing. Times in nanoseconds. */
export interface TraceModel {
  readonly traceId: string;
  /** Adjusted start, nanoseconds since the epoch. */
  readonly start: bigint;
  readonly duration: number;
  /** How many traces this one stands for; undefined when none of its spans was sampled. */
  readonly sampleRate: number | undefined;
  readonly count: number;
  readonly services: TraceOutline['services'];
  readonly arrival: TraceOutline['arrival'];
  readonly parent: Int32Array;
  readonly depth: Int32Array;
  readonly children: Int32Array;
  /** The place after the last span below a span. */
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
  name(place: number): string;
  service(place: number): string;
  kind(place: number): string;
  spanId(place: number): string;
  statusMessage(place: number): string | undefined;
  /** HTTP's or gRPC's status code; only for roots and errors. */
  statusCode(place: number): string | undefined;
  /** The exception's message, else the text of `error`, else `error.type`; only for errors. */
  problem(place: number): string | undefined;
  /** The route; only for roots. */
  route(place: number): string | undefined;
  links(place: number): number;
  marks(place: number): readonly string[];
  /** Places with a mark, in order. */
  marked(mark: string): readonly number[];
  /** A number above 0 for a CLIENT span, equal for equal arguments; 0 when the arguments are unknown. */
  call(place: number): number;
  /** A number above 0, equal for CLIENT spans whose statements differ only in values; 0 without a statement. */
  statement(place: number): number;
  /** The called host and path of a CLIENT span; only when its name is only a method. */
  target(place: number): string | undefined;
  isDatabase(place: number): boolean;
  /** Whether the span called a generative model. */
  isGenerative(place: number): boolean;
  /** Which half of a call is stored as another trace: the half before the call, or after it. */
  lost(place: number): 'before' | 'after' | undefined;
  missingParent(place: number): string | undefined;
  copy(place: number): number | undefined;
  /** Nanoseconds that the clock correction added. */
  shift(place: number): number;
  /** When two traces are compared, this one alone. */
  readonly own?: TraceModel;
  /** Given when two traces are compared. */
  comparison?(place: number): Comparison;
  /** Id of the trace that a span belongs to. A span that is missing here belongs to the other trace. */
  traceOf(place: number): string;
  /** The span's place in this trace's own list, to which the explorer's answers refer; -1 for a span of the other trace. */
  source(place: number): number;
  /** The span's name in URLs: its id. When several spans share the id, a number follows: `00f067aa0ba902b7.1`. */
  ref(place: number): string;
  /** Place of the span with such a name; -1 when there is none. */
  placeOf(ref: string): number;
}

/** A span event on a bar. */
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
    for (const [place, shift] of shifts) offset[place] = (offset[place] ?? 0) - shift;
    base = least(offset);
    for (let place = 0; place < count; place++) offset[place] = (offset[place] ?? 0) - base;
  }
  const length = Float64Array.from(outline.duration);
  const error = new Uint8Array(count);
  for (const place of outline.errors) error[place] = 1;
  const shape = shapeOf(parent, error);
  const text = (at: number | undefined) => outline.texts[at ?? -1] ?? '';
  const spanId = (place: number) => outline.span_ids.slice(place * 16, place * 16 + 16);
  const events = eventsOf(outline, (place) => (asSent ? (shifts.get(place) ?? 0) : 0) + base);
  const [status, codes, problems, routes, links, marks, missing, copies, calls, lost, statements, targets] = [
    new Map(outline.status_message),
    new Map(outline.status_code),
    new Map(outline.problem),
    new Map(outline.route),
    new Map(outline.links),
    new Map<number, readonly string[]>(outline.marks),
    new Map(outline.missing_parent),
    new Map(outline.copy),
    new Map(outline.call),
    new Map(outline.lost),
    new Map(outline.statement),
    new Map(outline.target),
  ];
  const databases = new Set(outline.database);
  const generative = new Set(outline.generative);
  return {
    traceId: outline.trace_id,
    start: BigInt(outline.start_ns) + BigInt(Math.round(base)),
    duration: asSent && shifts.size > 0 ? lastEnd(offset, length) : outline.duration_ns,
    sampleRate: outline.sample_rate,
    count,
    services: outline.services,
    arrival: outline.arrival,
    parent,
    ...shape,
    offset,
    length,
    error,
    errors: outline.errors,
    shifted: shifts.size > 0,
    events,
    name: (place) => text(outline.name[place]),
    service: (place) => outline.services[outline.service[place] ?? -1]?.name ?? '',
    kind: (place) => text(outline.kind[place]),
    spanId,
    statusMessage: (place) => status.get(place),
    statusCode: (place) => codes.get(place),
    problem: (place) => problems.get(place),
    route: (place) => routes.get(place),
    links: (place) => links.get(place) ?? 0,
    marks: (place) => marks.get(place) ?? [],
    marked: (mark) => outline.marks.flatMap(([place, all]) => (all.includes(mark) ? [place] : [])),
    call: (place) => calls.get(place) ?? 0,
    statement: (place) => statements.get(place) ?? 0,
    target: (place) => targets.get(place),
    isDatabase: (place) => databases.has(place),
    isGenerative: (place) => generative.has(place),
    lost: (place) => lost.get(place),
    missingParent: (place) => missing.get(place),
    copy: (place) => copies.get(place),
    shift: (place) => shifts.get(place) ?? 0,
    traceOf: () => outline.trace_id,
    source: (place) => place,
    ref: (place) => refOf(spanId(place), copies.get(place)),
    placeOf: (name) => findRef(outline.span_ids, copies, name),
  };
}

/** Finds the place of a ref. Searching the text takes 1 ms for 100,000 spans. Making a map would take 100 ms. */
function findRef(spanIds: string, copies: ReadonlyMap<number, number>, ref: string): number {
  const [id = '', copy = '0'] = ref.split('.');
  if (id.length !== 16) return -1;
  for (let at = spanIds.indexOf(id); at >= 0; at = spanIds.indexOf(id, at + 1)) {
    const place = at / 16;
    if (Number.isInteger(place) && (copies.get(place) ?? 0) === Number(copy)) return place;
  }
  return -1;
}

/** See TraceModel.ref. */
function refOf(spanId: string, copy = 0): string {
  return copy === 0 ? spanId : `${spanId}.${copy}`;
}

/** Depth, children, extent and errors of every span, from the parents of a depth-first list. */
export function shapeOf(parent: Int32Array, error: Uint8Array) {
  const count = parent.length;
  const depth = new Int32Array(count);
  const children = new Int32Array(count);
  const end = new Int32Array(count);
  const errorsWithin = Int32Array.from(error);
  for (let place = 0; place < count; place++) {
    const above = parent[place] ?? -1;
    if (above >= 0) {
      depth[place] = (depth[above] ?? 0) + 1;
      children[above] = (children[above] ?? 0) + 1;
    }
    end[place] = place + 1;
  }
  for (let place = count - 1; place >= 0; place--) {
    const above = parent[place] ?? -1;
    if (above < 0) continue;
    end[above] = Math.max(end[above] ?? 0, end[place] ?? 0);
    errorsWithin[above] = (errorsWithin[above] ?? 0) + (errorsWithin[place] ?? 0);
  }
  return { depth, children, end, errorsWithin };
}

function eventsOf({ events, texts }: TraceOutline, moved: (place: number) => number) {
  const found = new Map<number, SpanMark[]>();
  for (const [at, place] of events.place.entries()) {
    const mark = {
      offset: (events.offset[at] ?? 0) - moved(place),
      name: texts[events.name[at] ?? -1] ?? '',
    };
    getOrMake(found, place, () => []).push(mark);
  }
  return found;
}

function least(values: Float64Array): number {
  return values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
}

function lastEnd(offset: Float64Array, length: Float64Array): number {
  return offset.reduce((last, start, place) => Math.max(last, start + (length[place] ?? 0)), 0);
}
