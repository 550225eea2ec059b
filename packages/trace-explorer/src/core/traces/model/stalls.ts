import { perModel } from '../../../lib/get-or-make.ts';
import { childrenOf } from './children.ts';
import type { TraceModel } from './trace-model.ts';

/** Where a time begins and ends: nanoseconds from the trace's start. */
export interface Offsets {
  readonly from: number;
  readonly until: number;
}

/** A time in which a process stood still. */
export interface Stall extends Offsets {
  /** `ran`, `waited_for_processor`, `stopped`, `suspended` or `blocked`. */
  readonly kind: string;
  /** Nanoseconds of garbage collection. */
  readonly gc: number;
  /** `in hash (auth.js:31)` or `beside GET /report`; empty where nobody knows. */
  readonly where: string;
  /** The request of the process that it was: its name and its path in two lines; empty where nobody knows. */
  readonly request: string;
  /** The span of the process that has this time. */
  readonly at: number;
  /** The CLIENT span that seemed to take it; -1 where the process waited for no call. */
  readonly during: number;
  /** The shares of it in which its thread ran, and waited for a processor; absent where nobody measured. */
  readonly ran?: number;
  readonly waited?: number;
}

/**
 * A stall as `read-stalls.ts` writes it, with milliseconds from the start of its span. The last ones are how long its thread ran, and
 * waited for a processor, and the request that it was; older senders do not say.
 */
export type StallEntry = readonly [
  at: number,
  length: number,
  kind: string,
  gc: number,
  where: string,
  ran?: number | null,
  waited?: number | null,
  request?: string,
];

/** Nanoseconds by which a tick that tells of stalls may come late: stalls nearer to each other are one. */
const TICK_NS = 11e6;
/** Nanoseconds between a stall's begin, which a tick estimates, and the work of the span that it began with. */
export const BEGUN_NS = 1.5e6;
/** With a processor, a turn of less is no stall, in milliseconds: what a thread ran in one is none of its length then. */
const LEAST_RUN_MS = 20;
/** From this share on, what a statement takes without a stall says that it took this time here, too. */
const USUAL_SHARE = 0.8;
/** Milliseconds to which stalls are rounded. */
const ROUNDED_MS = 0.1;
/** Kinds in which the thread did what it was asked to. */
const OWN_WORK = /^(?:ran|blocked)$/;

const NONE: readonly Stall[] = [];

/**
 * The stalls of a span's process while it was open, in order, without overlaps. Those of a SERVER span begin when it was asked, if
 * a call says so. Without one nobody knows since when its request was there, so only measured work of the process itself counts, and
 * what it says is the most that it may have been.
 */
export function stallsOf(model: TraceModel, index: number): readonly Stall[] {
  const [begin = 0, length = 0, above = -1] = [model.offset[index], model.length[index], model.parent[index]];
  const call = model.kind(index) === 'server' && isClientSpan(model, above) ? above : -1;
  const before = call >= 0 || isWorkBeforeRoot(model, index) ? model.stalledBefore(index) : 0;
  if (before <= 0 && model.stalls(index) === undefined) return NONE;
  let last = before > 0 ? Math.min(begin, call < 0 ? -Infinity : sentAt(model, call)) : begin;
  const first = (): StallEntry => {
    const [ran = null, waited = null] =
      readJson<readonly (number | null)[]>(model.stalledBeforeTimes(index)) ?? [];
    const request = model.stalledBeforeRequest(index) ?? '';
    return [-before, before, model.stalledBeforeKind(index) ?? '', 0, '', ran, waited, request];
  };
  return [...(before > 0 ? [first()] : []), ...entriesOf(model, index)].flatMap((entry) => {
    const [at, ms, kind, gc, where, ran, waited, request = ''] = entry;
    const from = Math.max(last, begin + at * 1e6);
    const until = Math.min(begin + length, begin + (at + ms) * 1e6);
    if (!(until > from) || isOffClock(model, index, kind)) return [];
    last = until;
    const shares = {
      ...(typeof ran === 'number' && { ran: ran < LEAST_RUN_MS ? 0 : ran / ms }),
      ...(typeof waited === 'number' && { waited: waited / ms }),
    };
    const during = from < begin ? call : -1;
    return { from, until, kind, gc: gc * 1e6, where, request, at: index, during, ...shares };
  });
}

/** Whether a process ran for a measured time before it could begin a request of which no call is stored. */
function isWorkBeforeRoot(model: TraceModel, index: number): boolean {
  if (model.kind(index) !== 'server' || (model.parent[index] ?? -1) >= 0) return false;
  return model.stalledBeforeKind(index) === 'ran' && model.stalledBeforeTimes(index) !== undefined;
}

/** When a call could send its request: after it had a connection. */
function sentAt(model: TraceModel, call: number): number {
  const parts = model.waiting(call) + model.dns(call) + model.connecting(call) + model.tls(call);
  return (model.offset[call] ?? -Infinity) + 1e6 * parts;
}

/** Nanoseconds for which the machine of a span was suspended, where its times leave them out. */
export function suspendedFor(model: TraceModel, index: number): number {
  const entries = entriesOf(model, index).filter(([, , kind]) => isOffClock(model, index, kind));
  return entries.reduce((sum, [, length]) => sum + length * 1e6, 0);
}

/**
 * Where processes stood still instead of spans, and no span below ran. While a call waits, its caller's stall is time of the span
 * above the call, and a stall of the called process before its SERVER span is time of this span: the call itself took less.
 * Of other work of its process, which kept a span from nothing, a span knows nothing.
 */
export const standstillsOf = perModel((model: TraceModel): readonly Stall[] => {
  const found: Stall[] = [];
  /** The nearest span above a span, of the same process, that is no call; -1 without one. */
  const owner = new Int32Array(model.count);
  for (let index = 0; index < model.count; index++) {
    const up = model.parent[index] ?? -1;
    const isOwn = up >= 0 && model.service(up) === model.service(index);
    owner[index] = !isOwn ? -1 : isClientSpan(model, up) ? (owner[up] ?? -1) : up;
    const all = stallsOf(model, index);
    if (all.length === 0) continue;
    const children = childrenOf(model, index);
    const stalls = isClientSpan(model, index)
      ? ofCall(model, index, all)
      : ofWork(model, index, all, children);
    if (stalls.length === 0) continue;
    const at = owner[index] ?? -1;
    const whose = isClientSpan(model, index) && at >= 0 ? { at, during: index } : {};
    const below = children.map((child) => {
      const from = model.offset[child] ?? 0;
      return {
        from: Math.min(from, stallsOf(model, child)[0]?.from ?? from),
        until: from + (model.length[child] ?? 0),
      };
    });
    found.push(...without(stalls, below).map((stall) => ({ ...stall, ...whose })));
  }
  return found;
});

/**
 * The stalls in which a span that is no call ran, or for which it waited. Each begins with the span's work, or the work goes on at
 * its end: the span, or one below it, begins or ends there.
 */
function ofWork(
  model: TraceModel,
  index: number,
  stalls: readonly Stall[],
  children: readonly number[],
): readonly Stall[] {
  const turns = [index, ...children].flatMap((each) => {
    const begin = model.offset[each] ?? 0;
    return [begin, begin + (model.length[each] ?? 0)];
  });
  turns.sort((a, b) => a - b);
  let next = 0;
  return together(stalls).flatMap((own) => {
    const [from, until] = [own[0]?.from ?? 0, own.at(-1)?.until ?? 0];
    while ((turns[next] ?? Infinity) < from - BEGUN_NS) next++;
    const isAwaited = (turns[next] ?? Infinity) <= lateAfter({ from, until });
    return isAwaited || from < (model.offset[index] ?? 0) ? own : [];
  });
}

/** The stalls that made a call look longer: none where it is the stall itself; where it usually takes as long, what is above that. */
function ofCall(model: TraceModel, call: number, stalls: readonly Stall[]): readonly Stall[] {
  if (isStall(model, call)) return NONE;
  const delaying = stalls.filter((stall) => delays(model, call, stall));
  const [length = 0, usual] = [model.length[call], 1e6 * model.usual(call)];
  if (usual < length * USUAL_SHARE) return delaying;
  let left = Math.max(0, length - usual);
  return delaying.toReversed().flatMap((stall) => {
    const from = Math.max(stall.from, stall.until - left);
    left -= stall.until - from;
    return from < stall.until ? { ...stall, from } : [];
  });
}

/**
 * Whether a call lies within one stall, in which its thread ran or was blocked, as that of a driver that has no other thread. An
 * answer that had to wait for a stall comes after its end.
 */
function isStall(model: TraceModel, call: number): boolean {
  const last = (model.length[call] ?? 0) / 1e6 + ROUNDED_MS;
  const isAround = ([at, ms, kind]: StallEntry) => at <= 0 && at + ms >= last && OWN_WORK.test(kind);
  return entriesOf(model, call).some(isAround);
}

/** Stalls in their order, those together that are one. */
function together(stalls: readonly Stall[]): Stall[][] {
  const groups: Stall[][] = [];
  for (const stall of stalls) {
    const last = groups.at(-1);
    if (last !== undefined && stall.from - (last.at(-1)?.until ?? 0) < TICK_NS) last.push(stall);
    else groups.push([stall]);
  }
  return groups;
}

/** Nanoseconds between the end of a stall and what goes on then, such as a call whose answer lay there meanwhile; with a share of it. */
const NEAR_NS = 20e6;
const NEAR_SHARE = 0.2;
/** Nanoseconds in which a call has sent its request. */
const SENT_NS = 5e6;

/** Until when what has waited for a stall begins. */
function lateAfter({ from, until }: Offsets): number {
  return until + Math.max(NEAR_NS, (until - from) * NEAR_SHARE);
}

/** Whether a stall kept a call from its connection, from asking, or from its answer. Of others the call knows nothing. */
function delays(model: TraceModel, call: number, { from, until }: Offsets): boolean {
  const [begin = 0, length = 0, next = -1] = [model.offset[call], model.length[call], call + 1];
  const answered = begin + length - 1e6 * model.receiving(call);
  const served = model.parent[next] === call ? (model.offset[next] ?? begin) : begin;
  const sent = Math.max(sentAt(model, call), served) + SENT_NS;
  const late = lateAfter({ from, until });
  return late >= answered || (from <= sent && late >= begin + 1e6 * model.waiting(call));
}

/**
 * Nanoseconds in which a process waited for a processor while a span was open, or instead of its call. The rest of the span's time
 * is as inexact as they are. Where events tell of some stalls alone, the rest of their sum is as theirs.
 */
export function starvedFor(model: TraceModel, index: number): number {
  const told = stallsOf(model, index);
  const own = [...told, ...(movedTimes(model).get(index) ?? [])];
  const untold = 1e6 * model.stalled(index) - lengthOfAll(told);
  const waited = lengthOfAll(own, waitedShare);
  return waited === 0 ? 0 : waited + Math.max(0, untold);
}

/** The share of a stall in which its thread waited for a processor. */
export function waitedShare({ kind, ran, waited }: Stall): number {
  const isStarved = kind === 'waited_for_processor';
  return isStarved ? 1 - (ran ?? 0) : (waited ?? 0);
}

/** Times of CLIENT spans that belong to other spans: by CLIENT span, in order. */
export const movedTimes = perModel((model: TraceModel): ReadonlyMap<number, readonly Stall[]> => {
  const moved = standstillsOf(model).filter(({ during }) => during >= 0);
  return Map.groupBy(
    moved.sort((a, b) => a.from - b.from),
    ({ during }) => during,
  );
});

/** Nanoseconds in which at least one of some stretches lasts. @param share that counts of each */
export function lengthOfAll<T extends Offsets>(
  stretches: readonly T[],
  share: (stretch: T) => number = () => 1,
): number {
  let [sum, last] = [0, -Infinity];
  for (const each of stretches.toSorted((a, b) => a.from - b.from)) {
    sum += Math.max(0, each.until - Math.max(each.from, last)) * share(each);
    last = Math.max(last, each.until);
  }
  return sum;
}

/** What is left of some stretches without others. */
function without<T extends Offsets>(stretches: readonly T[], others: readonly Offsets[]): T[] {
  let left = [...stretches];
  for (const { from, until } of others)
    left = left.flatMap((each) => {
      if (from >= each.until || until <= each.from) return each;
      const parts = [
        { ...each, until: from },
        { ...each, from: until },
      ];
      return parts.filter((part) => part.until > part.from);
    });
  return left;
}

function isClientSpan(model: TraceModel, index: number): boolean {
  return index >= 0 && model.kind(index) === 'client';
}

/** Most clocks of spans stand still with the machine: its time is in no sum then. */
function isOffClock(model: TraceModel, index: number, kind: string): boolean {
  return kind === 'suspended' && model.stalled(index) === 0;
}

function entriesOf(model: TraceModel, index: number): readonly StallEntry[] {
  return readJson<readonly StallEntry[]>(model.stalls(index))?.toSorted(([a], [b]) => a - b) ?? [];
}

/** Undefined where a redacted text is no JSON any more. */
function readJson<T>(json: string | undefined): T | undefined {
  if (json === undefined) return undefined;
  try {
    return JSON.parse(json) as T;
  } catch {
    return undefined;
  }
}
