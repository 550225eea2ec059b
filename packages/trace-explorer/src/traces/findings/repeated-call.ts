import type { Rule } from './finding.ts';
import { nameOf, quoted, time, times } from './words.ts';

/** Fewer calls are no loop. */
const LEAST = 5;

/** The same call many times by one span, one after the other or at the same time, with other arguments (N+1). */
export const repeatedCall: Rule = {
  name: 'repeated-call',
  find({ model, end, calls, taken }) {
    return calls.flatMap(({ caller, name, places }) => {
      const own = places.filter((place) => !taken.has(place));
      const [first = -1] = own;
      const isSame = own.every((place) => model.call(place) > 0 && model.call(place) === model.call(first));
      // Of a method alone nobody knows what is called.
      if (own.length < LEAST || isSame || /^[A-Z]*$/.test(name)) return [];
      let [until, sum, longest] = [0, 0, 0];
      for (const place of own) {
        const length = model.length[place] ?? 0;
        [until, sum, longest] = [Math.max(until, end[place] ?? 0), sum + length, Math.max(longest, length)];
      }
      const whole = until - (model.offset[first] ?? 0);
      const saved = Math.max(0, whole - longest);
      const how = whole >= sum ? 'in a row' : 'at the same time';
      return {
        sentence: `${quoted(name)} was called ${times(own.length)} ${how} by ${nameOf(model, caller)}; one call for all would save up to ${time(saved)}`,
        advice: 'Ask for all of them in one call, or join the tables in one statement.',
        places: own,
        cost: saved,
      };
    });
  },
};
