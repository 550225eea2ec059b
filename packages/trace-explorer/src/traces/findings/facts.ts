import { getOrMake } from '../../shared/get-or-make.ts';
import { selfTimes } from '../model/self-times.ts';
import type { TraceModel } from '../model/trace-model.ts';

/** A trace with what several rules ask of it; each is worked out once, in linear time. */
export interface TraceFacts {
  readonly model: TraceModel;
  /** Nanoseconds from the trace's start at which each span ends. */
  readonly end: Float64Array;
  /** Nanoseconds of each span in which none of its children ran. */
  readonly self: Float64Array;
  /** The span that each span runs in: the nearest SERVER or CONSUMER span, else the root. */
  readonly entry: Int32Array;
  /** The SERVER span that answers a CLIENT span, -1 where there is none. */
  readonly callee: Int32Array;
  /** The deepest error at or below each span, the first of several; -1 where there is none. Others follow from it. */
  readonly cause: Int32Array;
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
  const above = (place: number) => parent[place] ?? -1;
  for (let place = 0; place < count; place++) {
    const [up, kind] = [above(place), model.kind(place)];
    const enters = up < 0 || kind === 'server' || kind === 'consumer';
    entry[place] = enters ? place : (entry[up] ?? -1);
    const wraps = up >= 0 && up !== entry[up] && model.children[up] === 1;
    caller[place] = wraps ? (caller[up] ?? -1) : up;
    if (kind === 'server' && up >= 0 && model.kind(up) === 'client' && callee[up] === -1) callee[up] = place;
  }
  return {
    model,
    end: model.offset.map((start, place) => start + (model.length[place] ?? 0)),
    self: selfTimes(model),
    entry,
    callee,
    cause: causesOf(model),
    calls: groupCalls(model, caller, callee),
    taken,
  };
}

function causesOf({ count, parent, depth, error }: TraceModel): Int32Array {
  const cause = Int32Array.from({ length: count }, (_, place) => (error[place] === 1 ? place : -1));
  const depthOf = (place: number | undefined) => depth[place ?? -1] ?? -1;
  for (let place = count - 1; place >= 0; place--) {
    const { [place]: own = -1 } = cause;
    const { [place]: up = -1 } = parent;
    if (own >= 0 && up >= 0 && depthOf(own) >= depthOf(cause[up])) cause[up] = own;
  }
  return cause;
}

function groupCalls(model: TraceModel, caller: Int32Array, callee: Int32Array): readonly Calls[] {
  const found = new Map<string, { caller: number; name: string; places: number[] }>();
  for (let place = 0; place < model.count; place++) {
    if (!isCall(model, place)) continue;
    const [by = -1, name] = [caller[place], callName(model, callee, place)];
    const key = `${by} ${model.service(place)} ${name}`;
    getOrMake(found, key, () => ({ caller: by, name, places: [] })).places.push(place);
  }
  const start = (place: number) => model.offset[place] ?? 0;
  const all = [...found.values()];
  for (const { places } of all) if (places.length > 1) places.sort((a, b) => start(a) - start(b) || a - b);
  return all;
}

/** A CLIENT span, but not one below another of its service: a driver below the library that uses it makes one call. */
function isCall(model: TraceModel, place: number): boolean {
  if (model.kind(place) !== 'client') return false;
  const up = model.parent[place] ?? -1;
  return up < 0 || model.kind(up) !== 'client' || model.service(up) !== model.service(place);
}

/** What a CLIENT span calls. Where its name is the method alone, the SERVER span says more. */
function callName(model: TraceModel, callee: Int32Array, place: number): string {
  const [name, at = -1] = [model.name(place), callee[place]];
  return at >= 0 && /^[A-Z]*$/.test(name) ? model.name(at) : name;
}
