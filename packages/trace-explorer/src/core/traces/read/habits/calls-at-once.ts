import { getOrMake } from '../../../../lib/get-or-make.ts';

/** So many requests at once, and so many after them that had an answer without the call. */
const LEAST = 5;
/** A call that takes less, in nanoseconds, costs nothing that anybody notices. */
export const LEAST_NS = 50e6;

/** A request, and a call that it made. */
export interface RequestCall {
  /** Tells requests apart. */
  readonly request: string;
  /** Equal for requests of one path, process and status. */
  readonly path: string;
  /** When the request began and ended, in nanoseconds since the epoch. */
  readonly start: bigint;
  readonly until: bigint;
  /** The call; 0 where the request made none. */
  readonly call: number;
  /** Nanoseconds that it took. */
  readonly took: number;
  /** Equal for calls that do the same, with whatever arguments. */
  readonly what: string;
  /** Equal for calls with equal arguments; empty where nobody knows them. */
  readonly same: string;
}

/** Calls of requests at once, of which one would have served all. */
export interface CallsAtOnce {
  readonly calls: readonly number[];
  /** Nanoseconds of all. */
  readonly took: number;
  /** How many requests after them were answered without one. */
  readonly after: number;
}

/**
 * Calls that at least five requests of one path made at once, with equal arguments, although the app keeps the answer: all of them began
 * before the first one had ended, and none of the next five made the call. An app that keeps nothing calls again for each request, and
 * its requests at once are no fault.
 *
 *     ────call────                 each of these asks for itself
 *       ────call────
 *         ────call────
 *                       ─── ───    these have the answer that was kept
 */
export function callsAtOnce(all: readonly RequestCall[]): readonly CallsAtOnce[] {
  return streaksOf(all).flatMap((streaks) =>
    streaks.flatMap(({ makes, requests }, at) => {
      const after = streaks[at + 1]?.requests ?? [];
      return makes && requests.length >= LEAST && after.length >= LEAST ? burstOf(requests, after) : [];
    }),
  );
}

/**
 * Whether, of requests in a part of the time, some of the calls may turn out to be such ones in all of it. A streak of calls whose
 * arguments differ, or that were not all at once, stays so with more calls before and after it.
 */
export function mayBeAtOnce(all: readonly RequestCall[], calls: ReadonlySet<number>): boolean {
  return streaksOf(all).some((streaks) =>
    streaks.some(
      ({ makes, requests }) =>
        makes && requests.flat().some(({ call }) => calls.has(call)) && isBurst(requests),
    ),
  );
}

/** Requests in a row that all made a call, or none of which made it. */
interface RequestStreak {
  readonly makes: boolean;
  readonly requests: RequestCall[][];
}

/** The streaks of each call of each path, in the order of time. */
function streaksOf(all: readonly RequestCall[]): readonly RequestStreak[][] {
  return [...Map.groupBy(all, ({ path }) => path).values()].flatMap((ofPath) => {
    const requests = new Map<string, RequestCall[]>();
    for (const each of ofPath.toSorted((a, b) => (a.start < b.start ? -1 : 1)))
      getOrMake(requests, each.request, () => []).push(each);
    const whats = new Set(ofPath.flatMap(({ call, what }) => (call === 0 ? [] : what)));
    return [...whats].map((what) => streaksOfCall([...requests.values()], what));
  });
}

/** @param requests in the order in which they began, each with its calls */
function streaksOfCall(requests: readonly RequestCall[][], what: string): RequestStreak[] {
  const streaks: RequestStreak[] = [];
  for (const own of requests) {
    const made = own.filter((each) => each.call !== 0 && each.what === what);
    const makes = made.length > 0;
    const last = streaks.at(-1);
    if (last?.makes === makes) last.requests.push(makes ? made : own);
    else streaks.push({ makes, requests: [makes ? made : own] });
  }
  return streaks;
}

function burstOf(own: readonly RequestCall[][], after: readonly RequestCall[][]): CallsAtOnce[] {
  const made = own.flat();
  const firstEnd = firstEndOf(made);
  const areLater = after.flat().every(({ start }) => start >= firstEnd);
  if (!(isBurst(own) && areLater)) return [];
  return [
    {
      calls: made.map(({ call }) => call),
      took: made.reduce((sum, each) => sum + each.took, 0),
      after: after.length,
    },
  ];
}

/** Whether each request made one call, with equal arguments, and all of them began before the first had ended. */
function isBurst(own: readonly RequestCall[][]): boolean {
  const made = own.flat();
  const firstEnd = firstEndOf(made);
  const [same = ''] = made.map((each) => each.same);
  const isSame = same !== '' && made.every((each) => each.same === same);
  // A request with several of them has a loop, which is another fault.
  const isOnce = made.length === own.length;
  const areAtOnce = made.every(({ start }) => start < firstEnd);
  const areLong = made.every(({ took }) => took >= LEAST_NS);
  return isSame && isOnce && areAtOnce && areLong;
}

function firstEndOf(made: readonly RequestCall[]): bigint {
  const [firstEnd = 0n] = made.map(({ until }) => until).toSorted((a, b) => (a < b ? -1 : 1));
  return firstEnd;
}
