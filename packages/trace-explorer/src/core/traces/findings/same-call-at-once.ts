import { parseJson } from '../../../lib/text/parse-json.ts';
import { formatCount } from '../../../lib/text/words.ts';
import type { FindingRule } from './finding.ts';
import { say } from './sentence.ts';
import { nameOf, spanWords, time } from './words.ts';

/** A reading call that several requests of one path made at once, although the app keeps its answer. */
export const sameCallAtOnce: FindingRule = {
  name: 'same-call-at-once',
  category: 'calls',
  isOfCall: true,
  isPartial: true,
  cause: (place) => `${place} is called by several requests at once, which one call would serve`,
  find({ model, entry }) {
    return Array.from(entry.keys()).flatMap((index) => {
      const counts = countsOf(model.atOnce(index));
      if (counts === undefined) return [];
      const [calls, tookMs, after] = counts;
      return [
        {
          sentence: say`${formatCount(calls)} requests of ${nameOf(model, entry[index] ?? -1)} at once each called ${spanWords(model, index)} with the same arguments, for ${time(1e6 * tookMs)} together; the ${formatCount(after)} requests after them needed no call`,
          advice:
            'Let the first request call, and the others wait for its answer: keep the promise, not only its result.',
          indexes: [index],
          cost: (model.length[index] ?? 0) * (1 - 1 / calls),
        },
      ];
    });
  },
};

/** Calls, the milliseconds of all, and the requests after them. @param json as the explorer's own read writes it */
function countsOf(json: string | undefined): readonly [number, number, number] | undefined {
  const counts: unknown = json === undefined ? undefined : parseJson(json);
  return Array.isArray(counts) && counts.length === 3 && counts.every((count) => typeof count === 'number')
    ? (counts as unknown as readonly [number, number, number])
    : undefined;
}
