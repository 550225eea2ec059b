import { counted, listed, quoted, times } from '../../../lib/text/words.ts';
import type { TraceModel } from '../model/trace-model.ts';
import type { Calls, TraceFacts } from './facts.ts';
import type { DraftFinding, FindingRule } from './finding.ts';
import { isCallersFault, nameOf, time } from './words.ts';

/** Largest share of the caller's time for failed tries before a success. All tries of the caller count together. */
const MOST_SHARE = 0.25;
/** A smaller share of the request does not matter to anyone. */
const LEAST_OF_REQUEST = 0.1;
/** A larger share of the time between tries is said. */
const MOST_PAUSES = 0.1;

/** Failed tries of a call that took much of the caller's time, or that all failed. */
export const retries: FindingRule = {
  name: 'retries',
  category: 'errors',
  cause: (place) => `${place} needs many tries`,
  find(facts) {
    const chains = facts.calls.flatMap((calls) =>
      chainsOf(facts, calls).map((indexes) => chainOf(facts, calls, indexes)),
    );
    const answered = Map.groupBy(
      chains.filter(({ gaveUp }) => !gaveUp),
      ({ caller }) => caller,
    );
    return [
      ...chains.filter(({ gaveUp }) => gaveUp).map((chain) => findingOf(facts, [chain])),
      ...[...answered.values()]
        .filter((ofCaller) => tookTime(facts, ofCaller))
        .map((ofCaller) => findingOf(facts, ofCaller)),
    ];
  },
};

interface Chain {
  readonly caller: number;
  readonly name: string;
  readonly indexes: readonly number[];
  readonly gaveUp: boolean;
  /** Nanoseconds of the tries before the successful one, or of all tries. */
  readonly lost: number;
}

function chainOf({ model, end }: TraceFacts, { caller, name }: Calls, indexes: readonly number[]): Chain {
  const [first = 0, last = 0] = [indexes[0], indexes.at(-1)];
  const gaveUp = model.error[last] === 1;
  const until = gaveUp ? (end[last] ?? 0) : (model.offset[last] ?? 0);
  return { caller, name, indexes, gaveUp, lost: until - (model.offset[first] ?? 0) };
}

function lostBy(chains: readonly Chain[]): number {
  return chains.reduce((sum, { lost }) => sum + lost, 0);
}

function tookTime({ model, entry }: TraceFacts, chains: readonly Chain[]): boolean {
  const [index = 0] = chains[0]?.indexes ?? [];
  const within = entry[index] ?? 0;
  const whole = model.length[chains[0]?.caller ?? within] ?? 0;
  const lost = lostBy(chains);
  return lost >= whole * MOST_SHARE && lost >= (model.length[within] ?? 0) * LEAST_OF_REQUEST;
}

function findingOf({ model, entry }: TraceFacts, chains: readonly Chain[]): DraftFinding {
  const indexes = chains.flatMap((chain) => chain.indexes);
  const [{ caller = -1, gaveUp = false } = {}, lost] = [chains[0], lostBy(chains)];
  const whole = model.length[caller < 0 ? (entry[indexes[0] ?? 0] ?? 0) : caller] ?? 0;
  // Tries may go on after their caller's end.
  const of = lost > whole ? '' : ` of ${time(whole)}`;
  const names = listed([...new Set(chains.map(({ name }) => quoted(name)))]);
  const tried = chains.reduce((sum, chain) => sum + triesOf(model, chain), 0);
  const took =
    lost - tried > lost * MOST_PAUSES ? 'the failed tries and the pauses after them' : 'the failed tries';
  const tries =
    chains.length === 1
      ? `tried ${names} ${times(indexes.length)} and ${gaveUp ? 'all of them failed' : 'only the last one succeeded'}`
      : `tried ${counted(chains.length, 'call')} of ${names} again, ${times(indexes.length)} in all, until each succeeded`;
  return {
    sentence: `${nameOf(model, caller)} ${tries}; ${took} took ${time(lost)}${of}`,
    advice: 'Find out why the first try fails, and limit the tries to the time that the request has left.',
    indexes,
    cost: lost,
    ...(!gaveUp && chains.every((chain) => chain.indexes.length === 2) && { isSecondTry: true as const }),
  };
}

/** Nanoseconds of the failed tries themselves. */
function triesOf(model: TraceModel, { indexes, gaveUp }: Chain): number {
  const failed = gaveUp ? indexes : indexes.slice(0, -1);
  return failed.reduce((sum, index) => sum + (model.length[index] ?? 0), 0);
}

/** A caller's faults that may pass, by status code: HTTP's timeout, too early and too many, gRPC's ABORTED. */
const TRIED_AGAIN = ['408', '425', '429', '10'];

/** Tries of the same call: each one begins after the previous one failed. */
function chainsOf({ model, end, claimedSpans }: TraceFacts, { indexes }: Calls): readonly number[][] {
  const chains: number[][] = [];
  // A call by its arguments; without them, one of its parent's calls.
  const of = (index: number) => model.call(index) || -1 - (model.parent[index] ?? -1);
  for (const index of indexes) {
    const chain = chains.at(-1);
    const before = chain?.at(-1) ?? -1;
    const isNext =
      before >= 0 &&
      model.error[before] === 1 &&
      mayBeTriedAgain(model.statusCode(before)) &&
      (end[before] ?? 0) <= (model.offset[index] ?? 0) &&
      of(before) === of(index);
    if (isNext && !claimedSpans.has(index)) chain?.push(index);
    else chains.push([index]);
  }
  return chains.filter((chain) => chain.length > 1 && !chain.some((index) => claimedSpans.has(index)));
}

function mayBeTriedAgain(status: string | undefined): boolean {
  return !isCallersFault(status) || TRIED_AGAIN.includes(status ?? '');
}
