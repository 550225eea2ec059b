import { getOrMake } from '../../shared/get-or-make.ts';
import type { Rule } from './finding.ts';
import { quoted, reads, spanOf, time, times } from './words.ts';

/** A call that reads, made again within one request with the same arguments, though the first was answered. */
export const sameCallTwice: Rule = {
  name: 'same-call-twice',
  find({ model, end, entry, calls, taken }) {
    const groups = new Map<string, { name: string; within: number; places: number[] }>();
    for (const { name, places } of calls) {
      if (!reads(name)) continue;
      for (const place of places) {
        const [call, within = -1] = [model.call(place), entry[place]];
        if (call === 0 || model.error[place] === 1 || taken.has(place)) continue;
        const key = `${within} ${call} ${name} ${model.service(place)}`;
        getOrMake(groups, key, () => ({ name, within, places: [] })).places.push(place);
      }
    }
    return [...groups.values()].flatMap(({ name, within, places }) => {
      if (places.length < 2) return [];
      const start = (place: number) => model.offset[place] ?? 0;
      const ordered = places.toSorted((a, b) => start(a) - start(b) || a - b);
      let [saved, until] = [0, end[ordered[0] ?? 0] ?? 0];
      for (const place of ordered) {
        saved += Math.max(0, (end[place] ?? 0) - Math.max(start(place), until));
        until = Math.max(until, end[place] ?? 0);
      }
      return {
        sentence: `${quoted(name)} was called ${times(places.length)} with the same arguments within ${spanOf(model, within)}; to keep the first answer would save up to ${time(saved)}`,
        advice: 'Keep the answer for the rest of the request, or pass it on.',
        places: ordered,
        cost: saved,
      };
    });
  },
};
