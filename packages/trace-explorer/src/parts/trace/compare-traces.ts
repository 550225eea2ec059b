import { childrenOf } from '../../core/traces/model/children.ts';
import { selfTimesWithoutStalls } from '../../core/traces/model/self-times.ts';
import { FACTS } from '../../core/traces/model/span-facts.ts';
import type {
  ComparedPart,
  SpanDifference,
  SpanMark,
  TraceModel,
} from '../../core/traces/model/trace-model.ts';
import { shapeOf } from '../../core/traces/model/trace-model.ts';
import { getOrMake } from '../../lib/get-or-make.ts';
import { LEAST_NS } from './changed-itself.ts';

/** A span counts as slower or faster from this factor on, and only from `LEAST_NS` on. */
const FACTOR = 1.25;

/**
 * This trace with its differences from another trace. Spans match by their path of service, name and kind, equal
 * siblings by their order. Spans that only the other trace has are inserted after their siblings.
 * @param part a span of each, where only these and the spans below them are compared: two attempts of a test in one trace, for
 * example. The times of each begin with it.
 */
export function compareTraces(here: TraceModel, there: TraceModel, part?: ComparedPart): TraceModel {
  const pairs = alignSpans(here, there, part);
  const begins = beginsOf(here, there, part);
  const count = pairs.length;
  const parent = Int32Array.from(pairs, ({ parent }) => parent);
  const missing = (index: number) => pairs[index]?.here === -1;
  const fromPair = <T>(index: number, read: (model: TraceModel, at: number) => T): T => {
    const pair = pairs[index] ?? { here: 0, there: 0 };
    return pair.here >= 0 ? read(here, pair.here) : read(there, pair.there);
  };
  const numbers = (read: (model: TraceModel, at: number) => number) =>
    Float64Array.from({ length: count }, (_, index) => fromPair(index, read));
  const error = Uint8Array.from({ length: count }, (_, index) =>
    missing(index) ? 0 : (here.error[pairs[index]?.here ?? -1] ?? 0),
  );
  const sides: ComparedModels = {
    here,
    there,
    self: selfTimesWithoutStalls(here),
    otherSelf: selfTimesWithoutStalls(there),
  };
  const offset = Float64Array.from(pairs, (pair) => startOf(pair, here, there, begins));
  const length = numbers((model, at) => model.length[at] ?? 0);
  const events = new Map<number, readonly SpanMark[]>();
  const indexes = new Map<string, number>();
  for (const [index, pair] of pairs.entries()) {
    const ref = fromPair(index, (model, at) => model.ref(at));
    // When a span was sent again with the same id, this trace's copy counts.
    if (pair.here >= 0 || !indexes.has(ref)) indexes.set(ref, index);
    if (pair.here < 0) continue;
    const marks = here.events.get(pair.here);
    if (marks)
      events.set(
        index,
        marks.map((mark) => ({ ...mark, offset: mark.offset - begins.here })),
      );
  }
  return {
    // Findings need the data of one trace alone.
    ...here,
    start: here.start + BigInt(Math.round(begins.here)),
    services: mergeServices(here, there),
    ...shapeOf(parent, offset, length, error),
    events,
    // Indexes of links hold for one trace alone.
    linked: [],
    linkedTo: () => [],
    ...readersOf(fromPair),
    source: (index) => pairs[index]?.here ?? -1,
    indexOf: (name) => indexes.get(name) ?? -1,
    own: here,
    other: { model: there, part },
    comparison: (index) => compare(pairs[index] ?? { here: -1, there: -1 }, sides),
  };
}

/** The facts that a compared trace reads from the trace with the span. */
const READ = [
  'name',
  'service',
  'kind',
  'spanId',
  'marks',
  'missingParent',
  'wait',
  'copy',
  'shift',
  'traceOf',
  'ref',
  ...FACTS.map(([name]) => name),
] as const;

type Readers = Pick<TraceModel, (typeof READ)[number]>;

function readersOf(
  fromPair: (index: number, read: (model: TraceModel, at: number) => unknown) => unknown,
): Readers {
  const readers = READ.map((name) => [
    name,
    (index: number) => fromPair(index, (model, at) => model[name](at)),
  ]);
  return Object.fromEntries(readers) as Readers;
}

/** When the compared part of each trace begins, in nanoseconds. */
interface Begins {
  readonly here: number;
  readonly there: number;
}

interface Pair {
  /** Index in this trace, -1 for a span that only the other trace has. */
  readonly here: number;
  readonly there: number;
}

interface ComparedModels {
  readonly here: TraceModel;
  readonly there: TraceModel;
  readonly self: Float64Array;
  readonly otherSelf: Float64Array;
}

function compare(pair: Pair, { here, there, self, otherSelf }: ComparedModels): SpanDifference {
  const own = here.length[pair.here] ?? 0;
  const other = there.length[pair.there] ?? 0;
  const selfHere = self[pair.here] ?? 0;
  const selfThere = otherSelf[pair.there] ?? 0;
  if (pair.here < 0) return { difference: 'missing', otherDuration: other, selfChange: -selfThere };
  if (pair.there < 0) return { difference: 'added', otherDuration: 0, selfChange: selfHere };
  const common = {
    otherDuration: other,
    selfChange: selfHere - selfThere,
    other: {
      traceId: there.traceId,
      spanId: there.spanId(pair.there),
      copy: there.copy(pair.there) ?? 0,
    },
  };
  const differs = Math.abs(own - other) >= LEAST_NS;
  if (differs && own >= other * FACTOR) return { difference: 'slower', ...common };
  if (differs && other >= own * FACTOR) return { difference: 'faster', ...common };
  return { difference: 'same', ...common };
}

/** Like spans of one parent, and their common effect on the trace's duration. */
export interface SpanChange {
  readonly indexes: readonly number[];
  /** Nanoseconds that the spans themselves took longer; negative for faster spans. */
  readonly change: number;
  /** Share of the trace's whole change; undefined where the change has no share, as with parallel spans. */
  readonly share?: number;
}

/**
 * The largest change between two traces: of a span itself, or of like spans under one parent. Spans below a span that
 * only one trace has count as part of the span.
 */
export function largestChange(model: TraceModel): SpanChange | undefined {
  const { count, parent, comparison } = model;
  if (comparison === undefined) return undefined;
  const own = Float64Array.from({ length: count }, (_, index) => comparison(index).selfChange);
  const groups = new Map<string, { indexes: number[]; change: number }>();
  for (let index = count - 1; index >= 0; index--) {
    const { difference } = comparison(index);
    const [up = -1, change = 0] = [parent[index], own[index]];
    const isAlone = difference === 'added' || difference === 'missing';
    if (isAlone && up >= 0 && comparison(up).difference === difference) own[up] = (own[up] ?? 0) + change;
    else {
      const group = getOrMake(groups, `${up} ${pairingKey(model, index)}`, () => ({
        indexes: [],
        change: 0,
      }));
      group.indexes.push(index);
      group.change += change;
    }
  }
  let largest: SpanChange | undefined;
  for (const { indexes, change } of groups.values()) {
    if (Math.abs(change) < LEAST_NS || Math.abs(change) <= Math.abs(largest?.change ?? 0)) continue;
    largest = { indexes: indexes.reverse(), change };
  }
  const root = count > 0 ? comparison(0) : undefined;
  const whole = root?.other === undefined ? 0 : (model.length[0] ?? 0) - root.otherDuration;
  const share = largest === undefined ? 0 : largest.change / whole;
  return largest && share > 0 && share <= 1 ? { ...largest, share } : largest;
}

/** Pairs in depth-first order. Uses its own stack, because traces may be 100,000 deep. */
function alignSpans(
  here: TraceModel,
  there: TraceModel,
  part?: ComparedPart,
): (Pair & { readonly parent: number })[] {
  const found: (Pair & { parent: number })[] = [];
  const begins = beginsOf(here, there, part);
  const roots =
    part !== undefined ? [part] : pairUp(here, childrenOf(here, -1), there, childrenOf(there, -1), begins);
  const stack = roots.map((pair) => ({ ...pair, parent: -1 }));
  stack.reverse();
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    const index = found.push(next) - 1;
    const below = pairUp(
      here,
      next.here < 0 ? [] : childrenOf(here, next.here),
      there,
      next.there < 0 ? [] : childrenOf(there, next.there),
      begins,
    );
    for (const pair of below.reverse()) stack.push({ ...pair, parent: index });
  }
  return found;
}

function pairUp(
  here: TraceModel,
  ours: readonly number[],
  there: TraceModel,
  theirs: readonly number[],
  begins: Begins,
): Pair[] {
  const waiting = new Map<string, number[]>();
  for (const index of theirs) {
    getOrMake(waiting, pairingKey(there, index), () => []).push(index);
  }
  const pairs: Pair[] = ours.map((index) => ({
    here: index,
    there: waiting.get(pairingKey(here, index))?.shift() ?? -1,
  }));
  for (const rest of waiting.values()) for (const index of rest) pairs.push({ here: -1, there: index });
  return pairs.sort((a, b) => startOf(a, here, there, begins) - startOf(b, here, there, begins));
}

/** When a span began: in this trace, or else in the other one. */
function startOf(pair: Pair, here: TraceModel, there: TraceModel, begins: Begins): number {
  if (pair.here >= 0) return (here.offset[pair.here] ?? 0) - begins.here;
  return (there.offset[pair.there] ?? 0) - begins.there;
}

function beginsOf(here: TraceModel, there: TraceModel, part?: ComparedPart): Begins {
  if (part === undefined) return { here: 0, there: 0 };
  return { here: here.offset[part.here] ?? 0, there: there.offset[part.there] ?? 0 };
}

function pairingKey(model: TraceModel, index: number): string {
  return JSON.stringify([model.service(index), model.name(index), model.kind(index)]);
}

function mergeServices(here: TraceModel, there: TraceModel): TraceModel['services'] {
  const known = new Set(here.services.map(({ name }) => name));
  return [...here.services, ...there.services.filter(({ name }) => !known.has(name))];
}
