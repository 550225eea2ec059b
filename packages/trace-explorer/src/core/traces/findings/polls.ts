import { getOrMake, perModel } from '../../../lib/get-or-make.ts';
import { takenInstead } from '../model/duplicates.ts';
import type { Stall } from '../model/stalls.ts';
import { lengthOfAll, standstillsOf } from '../model/stalls.ts';
import type { TraceModel } from '../model/trace-model.ts';
import type { Intended, TraceFacts } from './facts.ts';
import { factsOf } from './facts.ts';
import { reads } from './words.ts';

/** Of fewer calls nobody knows whether they wait for something. */
const LEAST = 3;
/** A shorter pause, in nanoseconds, may be the app's own work, of which no stall tells. */
const LEAST_NS = 20e6;
/** Of the time between two calls the idle share of a pause; and of all times between calls the share that are pauses. */
const LEAST_IDLE = 0.5;
const LEAST_PAUSES = 0.75;
/** The pauses of one timer differ by a smaller factor, beside the nanoseconds by which timers are late. */
const ALIKE = 1.5;
const LATE_NS = 5e6;
/** A pause that grows may be shorter than the one before by what timers are late. */
const NOT_SHORTER = 0.9;
/** Between two calls with so many spans an app works. */
const MOST_BETWEEN = 20;
/** Kinds of stalls in which the app itself worked. */
const OWN_WORK = /^(?:ran|blocked)$/;

/**
 * The calls of a trace that poll: at least three times the same question, each after a pause in which the request did nothing
 * else. To keep the first answer, or to ask for all at once, would break such code.
 *
 *     GET /poll    ────────────────────────────────
 *     └ GET /job   ──         ──         ──
 *                    a timer    a timer    done
 */
function pollsOf(model: TraceModel): Pick<Intended, 'polls' | 'pauses'> {
  const facts = factsOf(model, NONE);
  const [polls, waits] = [new Set<number>(), new Map<number, number>()];
  const busy = busyTimes(facts);
  for (const { indexes, name, caller, within } of operationsOf(facts)) {
    const byArguments = Map.groupBy(indexes, (index) => model.call(index));
    const others = [...byArguments].flatMap(([call, own]) => (call > 0 && add(own, true) ? [] : own));
    // What differs in its query alone may ask for what is new: `?since=17`. Different paths are different things.
    const asked = Map.groupBy(others, (index) => (model.call(index) > 0 ? model.target(index) : ''));
    for (const [target, own] of asked) if (target !== undefined) add(own, false);

    function add(own: readonly number[], isSame: boolean): boolean {
      if (own.length < LEAST) return false;
      const ordered = own.toSorted((a, b) => (model.offset[a] ?? 0) - (model.offset[b] ?? 0) || a - b);
      const pauses = pausesOf(facts, ordered, () => busy(within));
      if (!arePolls(pauses, isSame && reads(name))) return false;
      for (const index of ordered) polls.add(index);
      const waited = pauses.reduce((sum, { idle }) => sum + idle, 0);
      waits.set(caller, waited + (waits.get(caller) ?? 0));
      return true;
    }
  }
  return { polls, pauses: waits };
}

const NONE: ReadonlySet<number> = new Set();

/** Calls of one operation by one request. */
interface Operation {
  readonly name: string;
  readonly within: number;
  /** The span that makes all of them, else the request. */
  caller: number;
  readonly indexes: number[];
}

function operationsOf({ model, entry, calls }: TraceFacts): readonly Operation[] {
  const operations = new Map<string, Operation>();
  for (const { caller, name, service, indexes } of calls) {
    const [first = -1] = indexes;
    const within = entry[first] ?? -1;
    const from = model.service(first);
    // As `groupCalls` of `facts.ts` has it: JSON would take longer.
    const key = `${within} ${model.statement(first)} ${from.length} ${service.length} ${from}${service}${name}`;
    const operation = getOrMake(operations, key, (): Operation => ({ name, within, caller, indexes: [] }));
    if (operation.caller !== caller) operation.caller = within;
    operation.indexes.push(...indexes);
  }
  return [...operations.values()].filter(({ indexes }) => indexes.length >= LEAST);
}

/** The time between two calls. */
interface Pause {
  /** Nanoseconds of it, those in which the request did nothing, and those of the call before. */
  readonly length: number;
  readonly idle: number;
  readonly call: number;
}

/** Whether calls wait for something, by the times between them. @param isSame whether their arguments are known to be equal */
function arePolls(between: readonly Pause[], isSame: boolean): boolean {
  const areMost = (pauses: readonly Pause[]) =>
    pauses.length >= LEAST - 1 && pauses.length >= LEAST_PAUSES * between.length;
  const growing = between.every(
    ({ idle }, at) => idle > 0 && idle >= NOT_SHORTER * (between[at - 1]?.idle ?? 0),
  );
  const pauses = between.filter(
    ({ length, idle, call }) => idle >= LEAST_NS && idle >= LEAST_IDLE * length && (isSame || idle >= call),
  );
  // A pause that doubles each time may begin with less than what tells a timer from work.
  if (growing && between.length >= LEAST && pauses.length >= LEAST - 1) return true;
  const idle = pauses.map((pause) => pause.idle).sort((a, b) => a - b);
  return areMost(pauses) && (growing || (idle.at(-1) ?? 0) <= ALIKE * (idle[0] ?? 0) + LATE_NS);
}

/** @param calls ordered by time */
function pausesOf({ model, end }: TraceFacts, calls: readonly number[], busy: () => Busy): readonly Pause[] {
  return calls.slice(1).map((next, at) => {
    const before = calls[at] ?? -1;
    const [from, until] = [end[before] ?? 0, model.offset[next] ?? 0];
    const [length, call] = [until - from, model.length[before] ?? 0];
    const idle = length < LEAST_NS / LEAST ? Math.max(0, length) : length - busy().within(from, until);
    return { length, idle, call };
  });
}

/** What a request did. */
interface Busy {
  /** Nanoseconds of a time in which spans that lie within it ran, and the process was at work. */
  within(from: number, until: number): number;
}

function busyTimes({ model, entry, end }: TraceFacts): (within: number) => Busy {
  const made = new Map<number, Busy>();
  let stalls: Map<number | undefined, Stall[]> | undefined;
  const start = (index: number) => model.offset[index] ?? 0;
  return (request) =>
    getOrMake(made, request, () => {
      const spans: number[] = [];
      for (let index = request + 1; index < (model.end[request] ?? 0); index++)
        if (entry[index] === request) spans.push(index);
      spans.sort((a, b) => start(a) - start(b));
      stalls ??= Map.groupBy(
        standstillsOf(model).filter(({ kind }) => OWN_WORK.test(kind)),
        ({ at }) => entry[at],
      );
      const own = stalls.get(request) ?? [];
      return {
        within(from, until) {
          const stood = own.filter((stall) => stall.from < until && stall.until > from);
          const ran: { from: number; until: number }[] = [];
          let at = firstFrom(spans, (index) => start(index) >= from);
          for (; at < spans.length && start(spans[at] ?? -1) < until; at++) {
            const index = spans[at] ?? -1;
            if ((end[index] ?? 0) <= until) ran.push({ from: start(index), until: end[index] ?? 0 });
            if (ran.length > MOST_BETWEEN) return until - from;
          }
          const worked = stood.map((stall) => ({
            from: Math.max(from, stall.from),
            until: Math.min(until, stall.until),
          }));
          return lengthOfAll([...ran, ...worked]);
        },
      };
    });
}

/** The place of the first of some, in order, from which on a condition holds. */
function firstFrom<T>(all: readonly T[], holds: (each: T) => boolean): number {
  let [low, high] = [0, all.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(all[middle] as T)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** What of a trace looks like a fault and is meant so. */
export const intendedIn = perModel((model: TraceModel): Intended => {
  const { entry } = factsOf(model, new Set());
  return { ...pollsOf(model), takenInstead: new Set(takenInstead(model, entry)) };
});
