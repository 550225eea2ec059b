import { counted } from '../../../shared/words.ts';
import { lengthOfAll } from '../../model/stalls.ts';
import type { TraceFacts } from '../facts.ts';
import type { FindingRule, Found } from '../finding.ts';
import { say } from '../sentence.ts';
import { nameOf, subjectOf, time } from '../words.ts';
import {
  byPeer,
  isWorthSaying,
  openingAdvice,
  openingOf,
  openingWords,
  peerText,
  waitedFor,
} from './connections.ts';

/** Fewer connections are those that a client opens first: a second call right after the first opens one, too. */
const LEAST = 5;

/** Calls that open a connection one after the other, although each could have had that of the call before. */
export const slowConnect: FindingRule = {
  name: 'slow-connect',
  about: 'time',
  cause: (place) => `${place} opens a connection for each call`,
  find(facts) {
    const { model, end } = facts;
    const start = (index: number) => model.offset[index] ?? 0;
    const opening = Array.from(end.keys()).filter((index) => openingOf(facts, index) > 0);
    return byPeer(model, opening).flatMap((indexes) => {
      const ordered = indexes.toSorted((a, b) => start(a) - start(b));
      const again = ordered.filter((index, nth) => start(index) >= (end[ordered[nth - 1] ?? -1] ?? Infinity));
      return again.length < LEAST - 1 ? [] : findingOf(facts, indexes);
    });
  },
};

function findingOf(facts: TraceFacts, opening: readonly number[]): Found[] {
  const { model, entry } = facts;
  const indexes = opening.toSorted((a, b) => openingOf(facts, b) - openingOf(facts, a));
  const [longest = -1] = indexes;
  const within = entry[longest] ?? -1;
  const own = indexes.filter((index) => entry[index] === within);
  const stretches = own.map((index) => {
    const from = (model.offset[index] ?? 0) + waitedFor(facts, index);
    return { from, until: from + openingOf(facts, index) };
  });
  const [cost, whole] = [lengthOfAll(stretches), model.length[within] ?? 0];
  if (!isWorthSaying(cost, whole)) return [];
  const opened = `${counted(indexes.length, 'connection')}${peerText(model, longest, 'to')}`;
  return [
    {
      sentence: say`${subjectOf(model, longest)} opened ${opened} one after the other, which took ${time(cost)} of the ${time(whole)} of ${nameOf(model, within)}, the longest ${time(openingOf(facts, longest))}${openingWords(model, longest)}`,
      advice: `Keep connections open between calls: one client for all of them, with keep-alive. ${openingAdvice(model, longest)}`,
      indexes,
      cost,
    },
  ];
}
