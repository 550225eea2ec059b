import { getOrMake } from '../../shared/get-or-make.ts';
import { times } from '../../shared/words.ts';
import type { Calls } from './facts.ts';
import { coveredTime } from './facts.ts';
import type { FindingRule } from './finding.ts';
import { say } from './sentence.ts';
import { callsAs, reads, spanWords, time } from './words.ts';

/** A reading call that a request makes again with the same arguments, although the first call was answered. */
export const sameCallTwice: FindingRule = {
  name: 'same-call-twice',
  about: 'calls',
  isOfCall: true,
  cause: (place) => `${place} is called again with the same arguments`,
  find(facts) {
    const { model, entry, calls, taken } = facts;
    const groups = new Map<string, { operation: Calls; within: number; indexes: number[] }>();
    for (const operation of calls) {
      if (!reads(operation.name)) continue;
      for (const index of operation.indexes) {
        const [call, within = -1] = [model.call(index), entry[index]];
        if (call === 0 || model.error[index] === 1 || taken.has(index)) continue;
        const key = `${within} ${call} ${operation.name} ${model.service(index)}`;
        getOrMake(groups, key, () => ({ operation, within, indexes: [] })).indexes.push(index);
      }
    }
    return [...groups.values()].flatMap(({ operation, within, indexes }) => {
      if (indexes.length < 2) return [];
      const start = (index: number) => model.offset[index] ?? 0;
      const ordered = indexes.toSorted((a, b) => start(a) - start(b) || a - b);
      const saved = coveredTime(facts, ordered) - (model.length[ordered[0] ?? 0] ?? 0);
      return {
        sentence: say`${callsAs(model, operation)} was called ${times(indexes.length)} with the same arguments within ${spanWords(model, within)}; to keep the first answer would save up to ${time(saved)}`,
        advice: 'Keep the answer for the rest of the request, or pass it on.',
        indexes: ordered,
        cost: saved,
      };
    });
  },
};
