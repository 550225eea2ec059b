import { getOrMake } from '../../../lib/get-or-make.ts';
import { counted, quoted } from '../../../lib/text/words.ts';
import type { TraceFacts } from './facts.ts';
import type { DraftFinding, FindingRule } from './finding.ts';
import { say } from './sentence.ts';
import { holderOf } from './waits/holders.ts';
import { nameOf, serviceWords, subjectOf, time } from './words.ts';

/** Characters of a message that are looked at. */
const LONGEST = 1000;
/** Words of clients for a connection that broke, was refused or took too long. */
const NO_ANSWER =
  /ECONN|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|UND_ERR|refused|reset|hang up|closed|unreachable|unavailable|abort|time[d -]?\s?out|deadline exceeded|failed to fetch|fetch failed|network|name resolution|name or service not known/i;

/** Words of pools in which no connection became free in time: of pg-pool, tarn (Knex), generic-pool (Sequelize) and mysql2. */
const NONE_FREE =
  /timeout exceeded when trying to connect|timeout acquiring a connection|^operation timed out for an unknown reason|ResourceRequest timed out|^(?:no connections available|queue limit reached)\.?$/i;

/** A service or database that never answered a call, or a pool that had no connection for it. */
export const noAnswer: FindingRule = {
  name: 'no-answer',
  category: 'errors',
  cause: (place) => `${place} gets no answer`,
  find(facts) {
    const { model, callee, claimedSpans } = facts;
    const groups = new Map<string, { name: string; isOfPool: boolean; indexes: number[] }>();
    for (const { name, indexes } of facts.calls) {
      for (const index of indexes) {
        const isOfPool = hadNoneFree(facts, index);
        if (claimedSpans.has(index) || !(isOfPool || hadNone(facts, index))) continue;
        const key = `${name} ${model.service(index)} ${isOfPool} ${outlasts(facts, index)}`;
        getOrMake(groups, key, () => ({ name, isOfPool, indexes: [] })).indexes.push(index);
      }
    }
    return [...groups.values()].map(({ name, isOfPool, indexes }) => {
      const [first = 0] = indexes;
      if (isOfPool) return poolFinding(facts, name, indexes);
      const server = callee[first] ?? -1;
      const waited = indexes.reduce((sum, index) => sum + (model.length[index] ?? 0), 0);
      const answerer = server < 0 ? 'Nobody' : subjectOf(model, server);
      const verb = server < 0 ? 'answered' : 'never answered';
      const count = indexes.length === 1 ? '' : `${counted(indexes.length, 'call')} of `;
      const said = {
        advice: 'See whether it runs and answers, and its log of that time.',
        indexes: server < 0 ? indexes : [...indexes, server],
      };
      if (outlasts(facts, first)) {
        const request = nameOf(model, facts.entry[first] ?? -1);
        const of = serviceWords(model, first, (service) => ` of ${service}`);
        return {
          sentence: say`${answerer} ${verb} ${count}${quoted(name)}${of}; ${request} did not wait for it`,
          ...said,
          cost: 0,
          isFact: true,
        };
      }
      const by = nameOf(model, model.parent[first] ?? -1);
      return {
        sentence: say`${answerer} ${verb} ${count}${quoted(name)}, for which ${by}${serviceWords(model, first, (service) => ` of ${service}`)} waited ${time(waited)}`,
        ...said,
        cost: waited,
      };
    });
  },
};

/** Whether a call ended after its request, or gave up then: nobody waited for it. */
function outlasts({ model, end, entry }: TraceFacts, index: number): boolean {
  const request = entry[index] ?? -1;
  return (
    request >= 0 &&
    request !== index &&
    model.service(request) === model.service(index) &&
    (end[index] ?? 0) > (end[request] ?? Infinity)
  );
}

/** Calls that gave up because their pool had no connection for them: nobody was asked. */
function poolFinding({ model }: TraceFacts, name: string, indexes: readonly number[]): DraftFinding {
  const [first = 0] = indexes;
  const waited = indexes.map((index) => model.length[index] ?? 0);
  const cost = waited.reduce((sum, each) => sum + each, 0);
  const { words, isLeak: _, ...holder } = holderOf(model, indexes);
  const [calls, upTo] =
    indexes.length === 1 ? ['', ''] : [`${counted(indexes.length, 'call')} of `, 'up to '];
  return {
    sentence: say`${calls}${quoted(name)}${serviceWords(model, first, (service) => ` of ${service}`)} failed: no connection was free for ${upTo}${time(Math.max(...waited))}${words}`,
    ...holder,
    indexes,
    cost,
  };
}

function hadNoneFree({ model, callee }: TraceFacts, index: number): boolean {
  if (model.error[index] !== 1 || (callee[index] ?? -1) >= 0) return false;
  const messages = [model.exception(index), model.problem(index), model.statusMessage(index)];
  return messages.some((message) => NONE_FREE.test((message ?? '').slice(0, LONGEST)));
}

function hadNone({ model, callee }: TraceFacts, index: number): boolean {
  if (model.error[index] !== 1) return false;
  const status = model.statusCode(index);
  // The client itself sets gRPC's DEADLINE_EXCEEDED and UNAVAILABLE.
  if (status !== undefined) return status === '4' || status === '14';
  // A failed server has answered, though without a status.
  if ((callee[index] ?? -1) >= 0 && model.error[callee[index] ?? -1] !== 1) return true;
  return NO_ANSWER.test(
    `${model.problem(index) ?? ''} ${model.statusMessage(index) ?? ''}`.slice(0, LONGEST),
  );
}
