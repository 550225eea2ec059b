import { coveredTime } from './facts.ts';
import type { Rule } from './finding.ts';
import { calledAs, isMethodAlone, nameOf, reads, time, times } from './words.ts';

/** Fewer calls are not a loop. */
const LEAST = 5;
/** A loop that costs less is not worth a change. */
const LEAST_SAVED_NS = 500e3;
/** Fewer calls count as a loop when one call for all would save at least this time and this share of the caller's time. */
const LEAST_OF_FEW = 3;
const LEAST_SAVED_BY_FEW_NS = 50e6;
const LEAST_SHARE_OF_FEW = 0.3;
/** When at least this share of the calls' time belongs to a single call at a time, the calls were made one after the other. */
const IN_A_ROW = 0.95;

/** Many calls of one operation by one span, with different arguments (N+1), one after the other or at the same time. */
export const repeatedCall: Rule = {
  name: 'repeated-call',
  find(facts) {
    const { model, calls, taken } = facts;
    return calls.flatMap((each) => {
      const { caller, name, places } = each;
      const own = places.filter((place) => !taken.has(place));
      const [first = -1] = own;
      // Calls that write to one address have different bodies. Calls that read belong to same-call-twice.
      const isSame =
        reads(name) && own.every((place) => model.call(place) > 0 && model.call(place) === model.call(first));
      if (own.length < LEAST_OF_FEW || isSame || isMethodAlone(name)) return [];
      let [sum, longest] = [0, 0];
      for (const place of own) {
        const length = model.length[place] ?? 0;
        [sum, longest] = [sum + length, Math.max(longest, length)];
      }
      const covered = coveredTime(facts, own);
      const saved = covered - longest;
      const { [caller]: whole = 0 } = model.length;
      const least = Math.max(LEAST_SAVED_BY_FEW_NS, whole * LEAST_SHARE_OF_FEW);
      if (saved < (own.length < LEAST ? least : LEAST_SAVED_NS)) return [];
      const how = covered >= sum * IN_A_ROW ? 'in a row' : 'at the same time';
      return {
        sentence: `${calledAs(each)} was called ${times(own.length)} ${how} by ${nameOf(model, caller)}; one call for all would save up to ${time(saved)}`,
        advice: 'Ask for all of them in one call, or join the tables in one statement.',
        places: own,
        cost: saved,
      };
    });
  },
};
