import { getOrMake } from '../../shared/get-or-make.ts';
import type { Rule } from './finding.ts';
import { counted, nameOf, spanOf, time } from './words.ts';

/** Shorter calls are a machine's ups and downs. */
const LEAST_NS = 190e6;
/** Share of the request that one call takes. */
const LEAST_SHARE = 0.25;
/** The share from which on a call is named although a rule before has counted it among others. */
const DOMINANT_SHARE = 0.5;

/** A call of a database, or of a service that sends no spans, that took much of its request. */
export const slowCall: Rule = {
  name: 'slow-call',
  find({ model, entry, calls, taken }) {
    const groups = new Map<string, number[]>();
    for (const { places, name } of calls) {
      for (const place of places) {
        const [length = 0, whole = 0] = [model.length[place], model.length[entry[place] ?? 0]];
        const isLeaf = (model.children[place] ?? 0) === 0 && entry[place] !== place;
        // A call that outlasts its request is no part of the request's time.
        if (!isLeaf || length < LEAST_NS || length < whole * LEAST_SHARE || length > whole) continue;
        if (model.error[place] === 1 || (taken.has(place) && length < whole * DOMINANT_SHARE)) continue;
        getOrMake(groups, `${name} ${model.service(place)}`, () => []).push(place);
      }
    }
    return [...groups.values()].map((places) => {
      const longest = places.reduce((a, b) => ((model.length[b] ?? 0) > (model.length[a] ?? 0) ? b : a));
      const [length = 0, within = 0] = [model.length[longest], entry[longest]];
      const share = Math.round((100 * length) / (model.length[within] || 1));
      const others = places.length > 1 ? `, the longest of ${counted(places.length, 'call')}` : '';
      return {
        sentence: `${spanOf(model, longest)} took ${time(length)}, ${share} % of ${nameOf(model, within)}${others}`,
        advice: model.isDatabase(longest)
          ? 'Look at the plan of the statement: an index, a lock or fewer rows.'
          : 'Set a deadline, keep its answers, or take it out of the request.',
        places: [longest, ...places.filter((place) => place !== longest)],
        cost: length,
      };
    });
  },
};
