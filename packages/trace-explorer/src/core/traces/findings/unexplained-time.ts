import { starvedFor } from '../model/stalls.ts';
import type { TraceModel } from '../model/trace-model.ts';
import type { TraceFacts } from './facts.ts';
import { coveredTime, hasPartBeside } from './facts.ts';
import type { FindingRule } from './finding.ts';
import { explainOwnTime } from './own-time.ts';
import type { Sentence } from './sentence.ts';
import { ofService, say } from './sentence.ts';
import { openingAdvice, openingOf, openingWords, waitedFor } from './waits/connections.ts';
import {
  BY_A_PROFILE,
  loadsCode,
  nameOf,
  serviceOf,
  serviceWords,
  staysOpen,
  time,
  whichOf,
} from './words.ts';

/** Shorter times are normal variations of a machine. */
const LEAST_NS = 350e6;
/** Smallest share of the request that the span belongs to. A trace may contain a whole session of a browser. */
const LEAST_SHARE = 0.1;
/** Where spans below the span show its other work, less time counts too when it is at least this share of the request. */
const LEAST_BESIDE_NS = 190e6;
const LEAST_SHARE_BESIDE = 0.5;

/** Own time of a span that no span below it explains. */
export const unexplainedTime: FindingRule = {
  name: 'unexplained-time',
  category: 'time',
  cause: (place) => `${place} spends time that no span explains`,
  find(facts) {
    const { model, end, self, stood, entry, callee, calls, claimedSpans, polls } = facts;
    // The pauses of calls that poll, of a reported loop, or between reported tries, are explained as well.
    const pauses = new Map(facts.pauses);
    for (const { caller, indexes } of calls) {
      if (!indexes.some((index) => claimedSpans.has(index) && !polls.has(index))) continue;
      const whole = (end[indexes.at(-1) ?? 0] ?? 0) - (model.offset[indexes[0] ?? 0] ?? 0);
      pauses.set(caller, (pauses.get(caller) ?? 0) + whole - coveredTime(facts, indexes));
    }
    const withWaits = (index: number) => (self[index] ?? 0) - (pauses.get(index) ?? 0);
    const leastOf = (index: number) => (model.children[index] === 0 ? LEAST_NS : LEAST_BESIDE_NS);
    // Of most spans it is too little even with their waits.
    const long = Array.from(self.keys()).filter((index) => withWaits(index) >= leastOf(index));
    return long.flatMap((index) => {
      const waited = waitedFor(facts, index) + (stood[index] ?? 0);
      const own = withWaits(index) - waited;
      const request = model.length[entry[index] ?? index] ?? 0;
      const least = leastOf(index);
      const share = own < LEAST_NS ? LEAST_SHARE_BESIDE : LEAST_SHARE;
      if (own < least || own < request * share || !needsSpans(facts, index)) return [];
      if (own < starvedFor(model, index)) return [];
      const server = callee[index] ?? -1;
      const opening = openingOf(facts, index);
      const opened =
        opening < own / 2 ? '' : `; opening a connection took ${time(opening)}${openingWords(facts, index)}`;
      const between = say`${betweenWords(model, index, server)}${opened}`;
      const explained = server < 0 ? explainOwnTime(model.ownTime(index)) : undefined;
      const why = explained === undefined ? ', and no span says on what' : `; ${explained.words}`;
      const left = model.isLeft(index) ? ' until its client left' : '';
      const within = say`${serviceWords(model, index, (service) => `in ${service} itself`, 'by itself')}${left}${why}`;
      return {
        sentence: say`${nameOf(model, index)}${whichOf(facts, index)} spent ${time(own)} of ${time(model.length[index] ?? 0)} ${server < 0 ? within : between}`,
        advice:
          server < 0
            ? (explained?.advice ?? `Put spans around what it does there,${BY_A_PROFILE}`)
            : opened === ''
              ? 'Look at connections, queues and the network between them, and whether the other side was busy.'
              : openingAdvice(model, index),
        indexes: [index],
        cost: own,
        ...(explained?.line !== undefined && { line: explained.line }),
        ...(explained === undefined && opened === '' && { isFact: true }),
      };
    });
  },
};

/** Where the time between a call and the span that answers it went: within one service for a reader who knows it, too. */
function betweenWords(model: TraceModel, call: number, server: number): Sentence {
  const words = `between ${serviceOf(model, call)} and ${serviceOf(model, server)}, before or after the span there`;
  const isOne = model.service(call) === model.service(server);
  return isOne ? ofService(model.service(call), words, 'before or after the span that answers it') : [words];
}

/** Whether a span needs spans below it. An INTERNAL span without them names its work; a root may wait for a person. */
function needsSpans(facts: TraceFacts, index: number): boolean {
  const { model, callee, calls, claimedSpans } = facts;
  if (claimedSpans.has(index) || model.isTestRunner(index) || loadsCode(model.name(index))) return false;
  if (staysOpen(facts, index) || hasPartBeside(facts, index)) return false;
  const kind = model.kind(index);
  if (kind === 'server' || kind === 'consumer') return true;
  if (kind === 'client') return (callee[index] ?? -1) >= 0;
  if (kind === 'producer' || model.children[index] === 0) return false;
  // A root that calls a database itself is a job.
  const isJob = calls.some((each) => each.caller === index && model.isDatabase(each.indexes[0] ?? -1));
  return isJob || (model.parent[index] ?? -1) >= 0;
}
