import { parseJson } from '../../../../lib/text/parse-json.ts';
import { counted, formatCount, quoted } from '../../../../lib/text/words.ts';
import { lengthOfAll } from '../../model/stalls.ts';
import type { TraceFacts } from '../facts.ts';
import type { DraftFinding, FindingRule } from '../finding.ts';
import { say } from '../sentence.ts';
import { isWorthSaying, nameOf, serviceWords, subjectOf, time } from '../words.ts';
import { byPeer, openingAdvice, openingOf, openingWords, peerText, waitedFor } from './connections.ts';

/** Fewer connections are those that a client opens first: a second call right after the first opens one, too. */
const LEAST = 5;
/** Smallest share of a request that its calls of a line take to open connections. */
const LEAST_SHARE = 0.1;
const KEEP_OPEN = 'Keep connections open between calls: one client for all of them, with keep-alive.';

/** Calls that open a connection one after the other, although each could have had that of the call before. */
export const slowConnect: FindingRule = {
  name: 'slow-connect',
  category: 'time',
  cause: (place) => `${place} opens a connection for each call`,
  find(facts) {
    const { model, end } = facts;
    const start = (index: number) => model.offset[index] ?? 0;
    const opening = Array.from(end.keys()).filter((index) => openingOf(facts, index) > 0);
    const inTurn = byPeer(model, opening).flatMap((indexes) => {
      const ordered = indexes.toSorted((a, b) => start(a) - start(b));
      const again = ordered.filter((index, nth) => start(index) >= (end[ordered[nth - 1] ?? -1] ?? Infinity));
      return again.length < LEAST - 1 ? [] : findingOf(facts, indexes);
    });
    const told = new Set(inTurn.flatMap(({ indexes }) => indexes));
    return [...inTurn, ...ofLines(facts, opening, told)];
  },
};

/** Calls whose line opens a connection each time, also in other traces. */
function ofLines(facts: TraceFacts, opening: readonly number[], told: ReadonlySet<number>): DraftFinding[] {
  const { model, entry } = facts;
  const own = opening.filter((index) => !told.has(index) && model.ownConnections(index) !== undefined);
  return [...Map.groupBy(own, (index) => `${model.line(index)} ${model.service(index)}`).values()].flatMap(
    (indexes) => {
      const longest = indexes.reduce((a, b) => (openingOf(facts, b) > openingOf(facts, a) ? b : a));
      const counts = countsOf(model.ownConnections(longest));
      const cost = indexes.reduce((sum, index) => sum + openingOf(facts, index), 0);
      if (counts === undefined || cost < (model.length[entry[longest] ?? -1] ?? 0) * LEAST_SHARE) return [];
      const [calls, opened, openingMs, tookMs] = counts;
      const which =
        opened < calls ? `${formatCount(opened)} of ${formatCount(calls)}` : `Each of ${formatCount(calls)}`;
      const what = model.tls(longest) > 0 ? 'TLS connection' : 'connection';
      return [
        {
          sentence: say`${which} calls of ${quoted(model.line(longest) ?? '')}${serviceWords(model, longest, (service) => ` in ${service}`)} opened ${opened < calls ? 'their' : 'its'} own ${what}${peerText(model, longest, 'to')}, ${time(1e6 * openingMs)} of ${time(1e6 * tookMs)}`,
          advice: KEEP_OPEN,
          indexes,
          cost,
        },
      ];
    },
  );
}

/** Calls, those that opened a connection, and the milliseconds of opening and of all. @param json as the explorer's own read writes it */
function countsOf(json: string | undefined): readonly [number, number, number, number] | undefined {
  const counts: unknown = json === undefined ? undefined : parseJson(json);
  return Array.isArray(counts) && counts.length === 4 && counts.every((count) => typeof count === 'number')
    ? (counts as unknown as readonly [number, number, number, number])
    : undefined;
}

function findingOf(facts: TraceFacts, opening: readonly number[]): DraftFinding[] {
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
      sentence: say`${subjectOf(model, longest)} opened ${opened} one after the other, which took ${time(cost)} of the ${time(whole)} of ${nameOf(model, within)}, the longest ${time(openingOf(facts, longest))}${openingWords(facts, longest)}`,
      advice: `${KEEP_OPEN} ${openingAdvice(model, longest)}`,
      indexes,
      cost,
    },
  ];
}
