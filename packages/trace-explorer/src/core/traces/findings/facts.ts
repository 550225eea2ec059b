import { perModel } from '../../../lib/get-or-make.ts';
import { originsOf } from '../model/error-origins.ts';
import { triedAgain } from '../model/recovered.ts';
import { selfTimesWithoutStalls } from '../model/self-times.ts';
import { standstillsOf } from '../model/stalls.ts';
import type { TraceModel } from '../model/trace-model.ts';
import { saysNothing } from './words.ts';

/** A trace and the facts that several rules need. Each fact is worked out once, in linear time. */
export interface TraceFacts extends Intended {
  readonly model: TraceModel;
  /** The end of each span, in nanoseconds from the trace's start. */
  readonly end: Float64Array;
  /** Nanoseconds of each span during which none of its children ran, as `selfTimesWithoutStalls` counts them. */
  readonly self: Float64Array;
  /** Nanoseconds of `self` in which the span's process stood still. */
  readonly stood: Float64Array;
  /** Nanoseconds of each span without those in which a process stood still instead of it. */
  readonly took: Float64Array;
  /**
   * For each span, the entry that it runs in: the span itself or the nearest span above it that is a SERVER or CONSUMER
   * span at the edge of its service, a root, or a span that began after the end of the entry above.
   */
  readonly entry: Int32Array;
  /** The SERVER span that answers a CLIENT span; -1 when there is none. */
  readonly callee: Int32Array;
  /**
   * Where the error of a span began, of the spans that `originsOf` finds: the span itself where it says why, else the deepest one
   * below it, first at the end of an unbroken chain of failures, then below spans that succeeded. At equal depth the first
   * one. A try before a success explains nothing. A failure without such a span has the one of the failure above it, or else
   * the end of its chain of failures. -1 when the span and all spans below it succeeded.
   *
   *     GET /home  500         → row
   *     ├ cache
   *     │ └ lookup  "miss"     → lookup, below a success
   *     └ load  failed         → row
   *       └ row  "locked"      → row
   */
  readonly origin: Int32Array;
  /** Failed spans that were followed by the same work, with success, below the same span. */
  readonly recovered: ReadonlySet<number>;
  /**
   * Calls, grouped by caller and called operation, ordered by time. The caller of a call in a wrapping span is the span
   * above the wrapping span.
   */
  readonly calls: readonly Calls[];
  /** Spans of findings that were already reported. */
  readonly claimedSpans: ReadonlySet<number>;
}

/** What looks like a fault and is meant so: see `rules/intended.ts`. */
export interface Intended {
  /** Calls that poll. */
  readonly polls: ReadonlySet<number>;
  /** Nanoseconds between them, by the span that waited. */
  readonly pauses: ReadonlyMap<number, number>;
  /** Statements that failed because the row was there already, which the request then took, and what passed their failure on. */
  readonly takenInstead: ReadonlySet<number>;
}

/** Calls of the same operation by one span. */
export interface Calls {
  /** The calling span; -1 when the calls are roots. */
  readonly caller: number;
  /** The called operation: `GET /api/users`. */
  readonly name: string;
  /** Whether nobody gave the operation a name, so that it has the called address with its ids. */
  readonly isAddress: boolean;
  /** The service that answers the calls; empty when it sends no spans. */
  readonly service: string;
  readonly indexes: readonly number[];
}

/** The facts of a trace. @param intended of a trace that may have it */
export function factsOf(
  model: TraceModel,
  claimedSpans: ReadonlySet<number>,
  intended: Intended = NOTHING,
): TraceFacts {
  return { ...workOut(model), ...intended, claimedSpans };
}

/** Where the error of a span began, or that of the trace: of its root, or else of its first error. -1 without an error. */
export function originOf(model: TraceModel, index?: number): number {
  const failed = index ?? (model.error[0] === 1 ? 0 : (model.errors[0] ?? -1));
  return factsOf(model, NONE).origin[failed] ?? -1;
}

const NONE: ReadonlySet<number> = new Set();
const NOTHING: Intended = { polls: NONE, pauses: new Map(), takenInstead: NONE };
const CALL = /client|producer/; // a message is sent by a call

const workOut = perModel((model: TraceModel): Omit<TraceFacts, 'claimedSpans' | keyof Intended> => {
  const { count, parent } = model;
  const entry = new Int32Array(count);
  const caller = new Int32Array(count);
  const callee = new Int32Array(count).fill(-1);
  const end = model.offset.map((start, index) => start + (model.length[index] ?? 0));
  for (let index = 0; index < count; index++) {
    const [up, kind] = [parent[index] ?? -1, model.kind(index)];
    const within = entry[up] ?? -1;
    const isLater = (model.offset[index] ?? 0) > (end[within] ?? Infinity);
    const isInside = model.service(up) === model.service(index) && !CALL.test(model.kind(up));
    const enters = up < 0 || (/server|consumer/.test(kind) && !isInside) || isLater;
    entry[index] = enters ? index : within;
    const wraps = up >= 0 && up !== entry[up] && model.children[up] === 1;
    caller[index] = wraps ? (caller[up] ?? -1) : up;
    if (kind === 'server' && up >= 0 && model.kind(up) === 'client' && callee[up] === -1) callee[up] = index;
  }
  const calls = groupCalls(model, caller, callee);
  const recovered = triedAgain(
    model,
    calls.map(({ indexes }) => indexes),
  );
  return {
    model,
    end,
    self: selfTimesWithoutStalls(model),
    ...stoodTimes(model),
    entry,
    callee,
    origin: originOfEach(model, recovered),
    recovered,
    calls,
  };
});

function stoodTimes(model: TraceModel): Pick<TraceFacts, 'stood' | 'took'> {
  const [stood, took] = [new Float64Array(model.count), model.length.slice()];
  for (const { at, from, until, during } of standstillsOf(model)) {
    if (during >= 0) took[during] = (took[during] ?? 0) - (until - from);
    // Before a span without its call, the time is of no span.
    if (during >= 0 || from >= (model.offset[at] ?? 0)) stood[at] = (stood[at] ?? 0) + until - from;
  }
  return { stood, took };
}

/**
 * For each span the place where its failure began, or one that failed below it; -1 for none. First the spans with an error of
 * their own are marked, then each span takes a mark below it, and at last a failed span without one takes the mark above it, or
 * the end of its chain of failures.
 */
function originOfEach(model: TraceModel, recovered: ReadonlySet<number>): Int32Array {
  if (model.errors.length === 0) return new Int32Array(model.count).fill(-1);
  const marks = new Map(originsOf(model).map(({ index, isSaid }) => [index, isSaid]));
  const origin = marksBelow(model, marks, recovered);
  const ends = chainEnds(model, recovered);
  for (const index of model.errors) {
    if ((origin[index] ?? -1) >= 0) continue;
    const up = model.parent[index] ?? -1;
    const above = model.error[up] === 1 && !recovered.has(index) ? (origin[up] ?? -1) : -1;
    origin[index] = marks.has(above) ? above : (ends[index] ?? index);
  }
  return origin;
}

/**
 * The deepest mark at or below each span: a failed span's is in its chain of failures where that has one. A recovered failure tells
 * nothing of the spans above it.
 * @param marks by index; a mark without a message stands back for one below it
 */
function marksBelow(
  model: TraceModel,
  marks: ReadonlyMap<number, boolean>,
  recovered: ReadonlySet<number>,
): Int32Array {
  const origin = new Int32Array(model.count).fill(-1);
  /** By span: the deepest mark of the failed spans below it, and of the others. */
  const [chained, others] = [origin.slice(), origin.slice()];
  // From the last span to the first, so that children come before their parent.
  for (let index = model.count - 1; index >= 0; index--) {
    const [chain = -1, other = -1, up = -1] = [chained[index], others[index], model.parent[index]];
    const isError = model.error[index] === 1;
    let own = isError && chain >= 0 ? chain : deeper(model, chain, other);
    if (marks.get(index) === true || (own < 0 && marks.has(index))) own = index;
    origin[index] = own;
    if (up < 0 || own < 0 || recovered.has(index)) continue;
    const list = isError ? chained : others;
    list[up] = deeper(model, own, list[up] ?? -1);
  }
  return origin;
}

/** The deepest end of the chain of failures from each failed span; -1 for the other spans. */
function chainEnds(model: TraceModel, recovered: ReadonlySet<number>): Int32Array {
  const ends = new Int32Array(model.count).fill(-1);
  for (const index of model.errors.toReversed()) {
    const end = (ends[index] ?? -1) < 0 ? index : (ends[index] ?? index);
    const up = model.parent[index] ?? -1;
    ends[index] = end;
    if (model.error[up] === 1 && !recovered.has(index)) ends[up] = deeper(model, end, ends[up] ?? -1);
  }
  return ends;
}

/** The deeper one of two spans, the first one of two at one depth; -1 stands for none. */
function deeper({ depth }: TraceModel, one: number, other: number): number {
  return (depth[one] ?? -1) >= (depth[other] ?? -1) ? one : other;
}

function groupCalls(model: TraceModel, caller: Int32Array, callee: Int32Array): readonly Calls[] {
  const groups = new Map<string, Calls & { indexes: number[] }>();
  const made = Array.from(caller.keys()).filter((index) => isCall(model, index));
  const called = (index: number) => ({
    ...callName(model, callee, index),
    service: (callee[index] ?? -1) < 0 ? '' : model.service(callee[index] ?? -1),
  });
  // A call that no server answered is called like the answered calls with the same arguments.
  const answered = new Map<number, ReturnType<typeof called>>();
  for (const index of made) if ((callee[index] ?? -1) >= 0) answered.set(model.call(index), called(index));
  for (const index of made) {
    const isLike = model.call(index) > 0 && (callee[index] ?? -1) < 0;
    const by = caller[index] ?? -1;
    const operation = (isLike && answered.get(model.call(index))) || called(index);
    const { name, isAddress, service } = operation;
    const from = model.service(index);
    // With their lengths, names that run together stay apart. JSON would take longer.
    const key = `${by} ${model.statement(index)} ${from.length} ${service.length} ${from}${service}${name}`;
    const group = groups.get(key);
    // Most groups are of one call: room for more would be most of the memory that a large trace takes.
    if (group === undefined) groups.set(key, { caller: by, name, isAddress, service, indexes: [index] });
    else group.indexes.push(index);
  }
  const start = (index: number) => model.offset[index] ?? 0;
  const all = [...groups.values()];
  for (const { indexes } of all) if (indexes.length > 1) indexes.sort((a, b) => start(a) - start(b) || a - b);
  return all;
}

/**
 * Whether a span is a call. A library and the driver below it make one call, while an agent makes several of a model. Some
 * libraries do not mark statements, and calls of a model, as CLIENT spans; some mark nothing, and of theirs a span with an
 * address is a call.
 */
export function isCall(model: TraceModel, index: number): boolean {
  return callsIn(model)[index] === 1;
}

/** By span: 1 for a call. Several rules ask for each span. */
const callsIn = perModel((model: TraceModel): Uint8Array => {
  const calls = new Uint8Array(model.count);
  for (let index = 0; index < model.count; index++) if (makesCall(model, index)) calls[index] = 1;
  return calls;
});

function makesCall(model: TraceModel, index: number): boolean {
  const [kind, up = -1] = [model.kind(index), model.parent[index]];
  const isAgents = model.isGenerative(index) && (model.children[up] ?? 0) > 1;
  const isBelowCall =
    up >= 0 && CALL.test(model.kind(up)) && model.service(up) === model.service(index) && !isAgents;
  if (CALL.test(kind)) return !isBelowCall;
  if ((kind !== 'internal' && kind !== 'unspecified') || model.children[index] !== 0) return false;
  const isStatement = model.isDatabase(index) && model.statement(index) > 0;
  const isUnmarked =
    kind === 'unspecified' && model.call(index) > 0 && model.service(up) === model.service(index);
  return model.isGenerative(index) || ((isStatement || isUnmarked) && !isBelowCall);
}

/**
 * The operation that a CLIENT span calls. When the span's name is only a method, or a path that fits the route of the SERVER
 * span, the SERVER span's name says more. Where both are only a method, the called address completes it: the path of a known
 * service, or host and path.
 */
function callName(model: TraceModel, callee: Int32Array, index: number): Pick<Calls, 'name' | 'isAddress'> {
  const [name, at = -1] = [model.name(index), callee[index]];
  const answeredAs = at < 0 ? '' : model.name(at);
  const isOfRoute = name.includes('/') && answeredAs.includes('{');
  if ((saysNothing(name) || isOfRoute) && !saysNothing(answeredAs))
    return { name: answeredAs, isAddress: false };
  const target = (saysNothing(name) && model.target(index)) || '';
  const path = target.indexOf('/');
  if (path < 0) return { name, isAddress: false };
  return { name: `${name} ${at < 0 ? target : target.slice(path)}`, isAddress: true };
}

/** Whether a span answers a request or takes a message: others may be jobs, runs of tests, or a page. */
export function isRequest(model: TraceModel, index: number): boolean {
  return /server|consumer/.test(model.kind(index));
}

/** Whether the next span of the service begins during a span without spans below it: it may be a part of the work. */
export function hasPartBeside({ model, end }: TraceFacts, index: number): boolean {
  const next = model.offset[index + 1] ?? -1;
  const isMeanwhile = (model.offset[index] ?? 0) <= next && next < (end[index] ?? 0);
  const isWork = model.kind(index) !== 'client' && model.children[index] === 0;
  return isWork && isMeanwhile && model.service(index + 1) === model.service(index);
}

/** Nanoseconds in which at least one of some spans ran. `indexes` are ordered by time. */
export function coveredTime({ model, end }: TraceFacts, indexes: readonly number[]): number {
  let [covered, until] = [0, 0];
  for (const index of indexes) {
    const to = end[index] ?? 0;
    covered += Math.max(0, to - Math.max(model.offset[index] ?? 0, until));
    until = Math.max(until, to);
  }
  return covered;
}
