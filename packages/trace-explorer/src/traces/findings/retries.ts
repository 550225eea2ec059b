import type { Calls, TraceFacts } from './facts.ts';
import type { Rule } from './finding.ts';
import { nameOf, quoted, time, times } from './words.ts';

/** Share of the request that tries which failed may take where one got an answer in the end. */
const MOST_SHARE = 0.25;

/** Failed tries of a call that took the request's time, or all failed. */
export const retries: Rule = {
  name: 'retries',
  find(facts) {
    const { model, end, entry } = facts;
    return facts.calls.flatMap((calls) =>
      chainsOf(facts, calls).flatMap((places) => {
        const [first = 0, last = 0] = [places[0], places.at(-1)];
        const gaveUp = model.error[last] === 1;
        const until = gaveUp ? (end[last] ?? 0) : (model.offset[last] ?? 0);
        const lost = until - (model.offset[first] ?? 0);
        const whole = model.length[entry[first] ?? 0] ?? 0;
        if (!gaveUp && lost < whole * MOST_SHARE) return [];
        const outcome = gaveUp ? 'all of them failed' : 'only the last one succeeded';
        return {
          sentence: `${nameOf(model, calls.caller)} tried ${quoted(calls.name)} ${times(places.length)} and ${outcome}; the failed tries took ${time(lost)} of ${time(whole)}`,
          advice:
            'Find out why the first try fails, and limit the tries to the time that the request has left.',
          places,
          cost: lost,
        };
      }),
    );
  },
};

/** Tries of the same call: each begins after the one before it had failed. */
function chainsOf({ model, end, taken }: TraceFacts, { places }: Calls): readonly number[][] {
  const chains: number[][] = [];
  for (const place of places) {
    const chain = chains.at(-1);
    const before = chain?.at(-1) ?? -1;
    const known = model.call(before) > 0 && model.call(place) > 0;
    const isNext =
      before >= 0 &&
      model.error[before] === 1 &&
      (end[before] ?? 0) <= (model.offset[place] ?? 0) &&
      !(known && model.call(before) !== model.call(place));
    if (isNext && !taken.has(place)) chain?.push(place);
    else chains.push([place]);
  }
  return chains.filter((chain) => chain.length > 1 && !chain.some((place) => taken.has(place)));
}
