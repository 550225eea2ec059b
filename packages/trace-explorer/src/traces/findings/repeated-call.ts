import { coveredTime } from './facts.ts';
import type { Rule } from './finding.ts';
import { isMethodAlone, nameOf, quoted, time, times } from './words.ts';

/** Fewer calls are no loop. */
const LEAST = 5;
/** A loop that costs less is not worth a change. */
const LEAST_SAVED_NS = 500e3;
/** Share of the calls' time that no other of them shares, from which on they were made one after the other. */
const IN_A_ROW = 0.95;

/** The same call many times by one span, one after the other or at the same time, with other arguments (N+1). */
export const repeatedCall: Rule = {
  name: 'repeated-call',
  find(facts) {
    const { model, calls, taken } = facts;
    return calls.flatMap(({ caller, name, places }) => {
      const own = places.filter((place) => !taken.has(place));
      const [first = -1] = own;
      const isSame = own.every((place) => model.call(place) > 0 && model.call(place) === model.call(first));
      if (own.length < LEAST || isSame || isMethodAlone(name)) return [];
      let [sum, longest] = [0, 0];
      for (const place of own) {
        const length = model.length[place] ?? 0;
        [sum, longest] = [sum + length, Math.max(longest, length)];
      }
      const covered = coveredTime(facts, own);
      const saved = covered - longest;
      if (saved < LEAST_SAVED_NS) return [];
      const how = covered >= sum * IN_A_ROW ? 'in a row' : 'at the same time';
      return {
        sentence: `${quoted(name)} was called ${times(own.length)} ${how} by ${nameOf(model, caller)}; one call for all would save up to ${time(saved)}`,
        advice: 'Ask for all of them in one call, or join the tables in one statement.',
        places: own,
        cost: saved,
      };
    });
  },
};
