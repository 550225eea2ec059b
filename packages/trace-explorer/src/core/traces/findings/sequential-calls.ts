import { getOrMake } from '../../shared/get-or-make.ts';
import { counted, listed, quoted } from '../../shared/words.ts';
import type { TraceFacts } from './facts.ts';
import type { FindingRule, Found } from './finding.ts';
import { nameOf, reads, time } from './words.ts';

/** Among fewer calls, one usually needs the other's answer. */
const LEAST = 3;
/** A smaller saving is not worth the change. */
const LEAST_SAVED_NS = 50e6;
const LEAST_SHARE = 0.3;
/** Largest share of the calls' time between calls. A longer pause means that the caller needs the answers in between. */
const MOST_BETWEEN = 0.05;

/** Reading calls of different operations, one right after the other. The calls could run side by side. */
export const sequentialCalls: FindingRule = {
  name: 'sequential-calls',
  about: 'calls',
  isOfCaller: true,
  hasSmall: true,
  cause: (place) => `${place} calls one service after the other`,
  find(facts, limits = 1) {
    const { model, calls, taken } = facts;
    const byCaller = new Map<number, { index: number; name: string }[]>();
    for (const { caller, name, indexes } of calls) {
      const [index = -1] = indexes;
      const single = indexes.length === 1 && reads(name) && !model.isDatabase(index);
      if (!single || caller < 0 || taken.has(index) || model.error[index] === 1) continue;
      getOrMake(byCaller, caller, () => []).push({ index, name });
    }
    return [...byCaller].flatMap(([caller, own]) => {
      const start = ({ index }: { index: number }) => model.offset[index] ?? 0;
      own.sort((a, b) => start(a) - start(b) || a.index - b.index);
      return own.length < LEAST ? [] : findingOf(facts, caller, own, limits);
    });
  },
};

function findingOf(
  { model, end }: TraceFacts,
  caller: number,
  own: readonly { index: number; name: string }[],
  limits: number,
): readonly Found[] {
  let [until, sum, longest] = [0, 0, 0];
  for (const { index } of own) {
    if ((model.offset[index] ?? 0) < until) return [];
    const length = model.length[index] ?? 0;
    [until, sum, longest] = [end[index] ?? 0, sum + length, Math.max(longest, length)];
  }
  const between = until - (model.offset[own[0]?.index ?? 0] ?? 0) - sum;
  const saved = sum - longest;
  if (between > sum * MOST_BETWEEN || saved < LEAST_SAVED_NS * limits) return [];
  if (saved < (model.length[caller] ?? 0) * LEAST_SHARE * limits) return [];
  const names = listed(own.map(({ name }) => quoted(name)));
  return [
    {
      sentence: `${counted(own.length, 'call')} of ${nameOf(model, caller)} ran one after the other for ${time(sum)}: ${names}; side by side they would take ${time(longest)}`,
      advice: 'Start them together and wait for all, unless one needs the answer of another.',
      indexes: own.map(({ index }) => index),
      cost: saved,
    },
  ];
}
