import { counted, listed } from '../../../../lib/text/words.ts';
import type { Offsets } from '../../model/stalls.ts';
import { lengthOfAll } from '../../model/stalls.ts';
import type { TraceFacts } from '../facts.ts';
import type { DraftFinding, FindingRule } from '../finding.ts';
import type { Sentence } from '../sentence.ts';
import { ofService, say, sentenceText } from '../sentence.ts';
import { isWorthSaying, serviceWords, spanWords, time } from '../words.ts';
import { byPool, connects, openingOf, peerText, waitedFor } from './connections.ts';
import { holderOf } from './holders.ts';

/** A shorter wait is none. */
const LEAST_NS = 1e6;
/** Calls that differ by a smaller share took as long as each other. */
const ALIKE = 1 / 3;

/** Calls that waited until a pool had a connection for them. */
export const waitedForConnection: FindingRule = {
  name: 'waited-for-connection',
  category: 'time',
  isPartial: true,
  hasSmall: true,
  cause: (place) => `${place} waits for a connection`,
  find(facts, limits = 1) {
    const { model, claimedSpans } = facts;
    // Of a call that failed, because no connection was free, an earlier rule tells.
    const isTold = (index: number) => model.error[index] === 1 && claimedSpans.has(index);
    const isOfPool = (index: number) =>
      !isTold(index) && (model.isDatabase(index) || waitedFor(facts, index) > 0);
    const calls = Array.from(model.length.keys()).filter(isOfPool);
    return byPool(model, calls).flatMap((own) => findingOf(facts, own, limits));
  },
};

/** @param calls over the connections of one pool, also those that only wait for one */
function findingOf(facts: TraceFacts, calls: readonly number[], limits: number): DraftFinding[] {
  const { model, entry, took } = facts;
  const waited = (index: number) => waitedFor(facts, index);
  const indexes = calls.filter((index) => waited(index) >= LEAST_NS).sort((a, b) => waited(b) - waited(a));
  const [longest = -1] = indexes;
  const own = indexes.filter((index) => entry[index] === entry[longest]);
  const start = (index: number) => model.offset[index] ?? 0;
  const waits = own.map((index) => ({ from: start(index), until: start(index) + waited(index) }));
  const cost = lengthOfAll(waits);
  const whole = model.length[entry[longest] ?? -1] ?? 0;
  if (!isWorthSaying(waited(longest), 0, limits) || !isWorthSaying(cost, whole, limits)) return [];
  // Where the wait is a span of its own, the calls stand beside it.
  const beside = new Set(
    indexes.filter((index) => connects(model, index)).map((index) => model.parent[index]),
  );
  const { ran = [], others = [] } = Object.groupBy(
    calls.filter((index) => !connects(model, index)),
    (index) => (waited(index) >= LEAST_NS || beside.has(model.parent[index]) ? 'ran' : 'others'),
  );
  const after = ranText(ran.map((at) => (took[at] ?? 0) - waited(at) - openingOf(facts, at)));
  const upTo = `waited ${indexes.length > 1 ? 'up to ' : ''}${time(waited(longest))}`;
  const size = indexes.reduce((most, index) => Math.max(most, model.poolSize(index)), 0);
  const which =
    size === 0 ? 'a connection' : size === 1 ? 'the only connection' : `one of ${size} connections`;
  const pool = `${which}${peerText(model, longest, model.isDatabase(longest) ? 'of' : 'to')}`;
  const { words, isLeak, ...holder } = holderOf(model, indexes);
  const ranThere = meanwhile(facts, others, waits);
  const held = isLeak || ranThere.length === 0 ? words : ranThere;
  return [
    {
      sentence: say`${counted(indexes.length, 'call')}${serviceWords(model, longest, (service) => ` of ${service}`)} ${upTo} for ${pool}${after}${held}`,
      ...holder,
      indexes,
      cost,
      ...(model.isDatabase(longest) && words === '' && { isSymptom: true as const }),
    },
  ];
}

/** `; they ran 128 ms each`, of calls that took about as long; of others `; they ran up to 128 ms`. */
function ranText(ran: readonly number[]): string {
  const [least, most, sum] = ran.reduce(
    ([least, most, sum], each) => [Math.min(least, each), Math.max(most, each), sum + each],
    [Infinity, 0, 0],
  );
  if (most <= 0) return '';
  if (ran.length === 1) return `; it ran ${time(most)}`;
  const isAlike = most - least < most * ALIKE;
  return `; they ran ${isAlike ? `${time(sum / ran.length)} each` : `up to ${time(most)}`}`;
}

/** `; meanwhile SELECT report of api ran there for 880 ms`: other calls over the connections during some waits. */
function meanwhile(
  { model, end }: TraceFacts,
  others: readonly number[],
  waits: readonly Offsets[],
): Sentence {
  const begin = waits.reduce((least, { from }) => Math.min(least, from), Infinity);
  const last = waits.reduce((most, { until }) => Math.max(most, until), 0);
  const ran = others.flatMap((index) => {
    const from = Math.max(begin, model.offset[index] ?? 0);
    const until = Math.min(last, end[index] ?? 0);
    return until > from
      ? [{ from, until, service: model.service(index), words: spanWords(model, index) }]
      : [];
  });
  const [first] = ran;
  if (first === undefined) return [];
  const { service } = first;
  const names = (known?: string) => listed([...new Set(ran.map(({ words }) => sentenceText(words, known)))]);
  return say`; meanwhile ${ofService(service, names(), names(service))} ran there for ${time(lengthOfAll(ran))}`;
}
