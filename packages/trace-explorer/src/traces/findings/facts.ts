import { getOrMake } from '../../shared/get-or-make.ts';
import { selfTimes } from '../model/self-times.ts';
import type { TraceModel } from '../model/trace-model.ts';
import { isMethodAlone } from './words.ts';

/** A trace with what several rules ask of it; each is worked out once, in linear time. */
export interface TraceFacts {
  readonly model: TraceModel;
  /** Nanoseconds from the trace's start at which each span ends. */
  readonly end: Float64Array;
  /** Nanoseconds of each span in which none of its children ran. */
  readonly self: Float64Array;
  /** The span that each span runs in: the nearest SERVER or CONSUMER span, one that began after that span's end, else the root. */
  readonly entry: Int32Array;
  /** The SERVER span that answers a CLIENT span, -1 where there is none. */
  readonly callee: Int32Array;
  /**
   * The error that a failed span follows from, the span itself where it is the first: the deepest one in an unbroken chain
   * of errors, else the deepest one below spans that succeeded. Of several the first; -1 where a span and all below
   * succeeded.
   */
  readonly cause: Int32Array;
  /** Failed spans after which the same work below the same span succeeded. */
  readonly recovered: ReadonlySet<number>;
  /** CLIENT spans by who made them and what they call, in the order of time. A call that is wrapped in a span counts for what is above that. */
  readonly calls: readonly Calls[];
  /** Spans that a finding has reported. */
  readonly taken: ReadonlySet<number>;
}

/** Calls of the same operation by one span. */
export interface Calls {
  /** -1 where the calls are roots. */
  readonly caller: number;
  /** What is called: `GET /api/users`. */
  readonly name: string;
  readonly places: readonly number[];
}

/** Works out the facts of a trace. */
export function factsOf(model: TraceModel, taken: ReadonlySet<number>): TraceFacts {
  const { count, parent } = model;
  const [entry, callee, caller] = [
    new Int32Array(count),
    new Int32Array(count).fill(-1),
    new Int32Array(count),
  ];
  const end = model.offset.map((start, place) => start + (model.length[place] ?? 0));
  const above = (place: number) => parent[place] ?? -1;
  for (let place = 0; place < count; place++) {
    const [up, kind] = [above(place), model.kind(place)];
    const within = entry[up] ?? -1;
    const isLater = (model.offset[place] ?? 0) > (end[within] ?? Infinity);
    const enters = up < 0 || kind === 'server' || kind === 'consumer' || isLater;
    entry[place] = enters ? place : within;
    const wraps = up >= 0 && up !== entry[up] && model.children[up] === 1;
    caller[place] = wraps ? (caller[up] ?? -1) : up;
    if (kind === 'server' && up >= 0 && model.kind(up) === 'client' && callee[up] === -1) callee[up] = place;
  }
  const calls = groupCalls(model, caller, callee);
  const recovered = triedAgain(model, calls);
  return {
    model,
    end,
    self: selfTimes(model),
    entry,
    callee,
    cause: causesOf(model, recovered),
    recovered,
    calls,
    taken,
  };
}

function causesOf({ count, parent, depth, error }: TraceModel, recovered: ReadonlySet<number>): Int32Array {
  const cause = new Int32Array(count).fill(-1);
  const [chained, others] = [new Int32Array(count).fill(-1), new Int32Array(count).fill(-1)];
  const depthOf = (place: number | undefined) => depth[place ?? -1] ?? -1;
  // Spans below come before the span itself.
  for (let place = count - 1; place >= 0; place--) {
    const [chain = -1, other = -1, up = -1] = [chained[place], others[place], parent[place]];
    const isError = error[place] === 1;
    if (isError) cause[place] = chain >= 0 ? chain : other >= 0 ? other : place;
    else cause[place] = depthOf(chain) >= depthOf(other) ? chain : other;
    const { [place]: own = -1 } = cause;
    if (own < 0 || up < 0 || recovered.has(place)) continue;
    const above = isError ? chained : others;
    if (depthOf(own) >= depthOf(above[up])) above[up] = own;
  }
  return cause;
}

/** Failed calls, and failed spans of one name below one span, after which the same succeeded. */
function triedAgain(model: TraceModel, calls: readonly Calls[]): ReadonlySet<number> {
  const tries = new Map<string, number[]>();
  const parents = new Set(model.errors.map((place) => model.parent[place] ?? -1));
  for (let place = 0; place < model.count; place++) {
    const up = model.parent[place] ?? -1;
    if (up < 0 || !parents.has(up)) continue;
    getOrMake(tries, `${up} ${model.service(place)} ${model.name(place)}`, () => []).push(place);
  }
  const found = new Set<number>();
  const start = (place: number) => model.offset[place] ?? 0;
  for (const places of [...calls.map(({ places }) => places), ...tries.values()]) {
    const ordered = places.toSorted((a, b) => start(a) - start(b) || a - b);
    const last = ordered.findLastIndex((place) => model.error[place] !== 1);
    for (const place of ordered.slice(0, Math.max(0, last))) if (model.error[place] === 1) found.add(place);
  }
  return found;
}

function groupCalls(model: TraceModel, caller: Int32Array, callee: Int32Array): readonly Calls[] {
  const found = new Map<string, { caller: number; name: string; places: number[] }>();
  const made = Array.from({ length: model.count }, (_, place) => place).filter((place) =>
    isCall(model, place),
  );
  // A try that no server answered is called like the ones with the same arguments that were answered.
  const answered = new Map<number, string>();
  for (const place of made)
    if ((callee[place] ?? -1) >= 0) answered.set(model.call(place), callName(model, callee, place));
  for (const place of made) {
    const same = model.call(place) > 0 && (callee[place] ?? -1) < 0 && answered.get(model.call(place));
    const [by = -1, name] = [caller[place], same || callName(model, callee, place)];
    const key = `${by} ${model.service(place)} ${model.statement(place)} ${name}`;
    getOrMake(found, key, () => ({ caller: by, name, places: [] })).places.push(place);
  }
  const start = (place: number) => model.offset[place] ?? 0;
  const all = [...found.values()];
  for (const { places } of all) if (places.length > 1) places.sort((a, b) => start(a) - start(b) || a - b);
  return all;
}

/**
 * A CLIENT span, but not one below another of its service: a driver below the library that uses it makes one call. Some
 * libraries say INTERNAL of a call of a generative model.
 */
function isCall(model: TraceModel, place: number): boolean {
  if (model.isGenerative(place) && model.kind(place) === 'internal') return model.children[place] === 0;
  if (model.kind(place) !== 'client') return false;
  const up = model.parent[place] ?? -1;
  return up < 0 || model.kind(up) !== 'client' || model.service(up) !== model.service(place);
}

/** What a CLIENT span calls. Where its name is the method alone, or a path of the SERVER span's route, that span says more. */
function callName(model: TraceModel, callee: Int32Array, place: number): string {
  const [name, at = -1] = [model.name(place), callee[place]];
  if (at < 0) return name;
  const answeredAs = model.name(at);
  const isOfRoute = name.includes('/') && answeredAs.includes('{');
  return isMethodAlone(name) || isOfRoute ? answeredAs : name;
}

/** Nanoseconds in which at least one of these spans ran. `places` are in the order of time. */
export function coveredTime({ model, end }: TraceFacts, places: readonly number[]): number {
  let [covered, until] = [0, 0];
  for (const place of places) {
    const { [place]: to = 0 } = end;
    covered += Math.max(0, to - Math.max(model.offset[place] ?? 0, until));
    until = Math.max(until, to);
  }
  return covered;
}
