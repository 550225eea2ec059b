import { getOrMake } from '../../shared/get-or-make.ts';
import type { TraceFacts } from './facts.ts';
import type { Rule } from './finding.ts';
import { counted, nameOf, quoted, serviceOf, time } from './words.ts';

/** Words of clients for a connection that broke, was refused or took too long. */
const NO_ANSWER =
  /ECONN|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|UND_ERR|refused|reset|hang up|closed|unreachable|unavailable|abort|time[d -]?\s?out|deadline exceeded|failed to fetch|fetch failed|network|name resolution|name or service not known/i;

/** A service or database that never answered a call. */
export const noAnswer: Rule = {
  name: 'no-answer',
  find(facts) {
    const { model, callee, taken } = facts;
    const groups = new Map<string, { name: string; places: number[] }>();
    for (const { name, places } of facts.calls) {
      for (const place of places) {
        if (taken.has(place) || !hadNone(facts, place)) continue;
        const key = `${name} ${model.service(place)}`;
        getOrMake(groups, key, () => ({ name, places: [] })).places.push(place);
      }
    }
    return [...groups.values()].map(({ name, places }) => {
      const [first = 0] = places;
      const { [first]: server = -1 } = callee;
      const waited = places.reduce((sum, place) => sum + (model.length[place] ?? 0), 0);
      const answerer = server < 0 ? 'Nobody' : serviceOf(model, server);
      const verb = server < 0 ? 'answered' : 'never answered';
      const count = places.length === 1 ? '' : `${counted(places.length, 'call')} of `;
      const by = nameOf(model, model.parent[first] ?? -1);
      return {
        sentence: `${answerer} ${verb} ${count}${quoted(name)}, for which ${by} of ${serviceOf(model, first)} waited ${time(waited)}`,
        advice: 'See whether it runs and can be reached, and what its log says at that time.',
        places: server < 0 ? places : [...places, server],
        cost: waited,
      };
    });
  },
};

function hadNone({ model, callee }: TraceFacts, place: number): boolean {
  if (model.error[place] !== 1) return false;
  const status = model.statusCode(place);
  // The client itself sets gRPC's DEADLINE_EXCEEDED and UNAVAILABLE.
  if (status !== undefined) return status === '4' || status === '14';
  // A failed server has answered, though without a status.
  if ((callee[place] ?? -1) >= 0 && model.error[callee[place] ?? -1] !== 1) return true;
  return NO_ANSWER.test(`${model.problem(place) ?? ''} ${model.statusMessage(place) ?? ''}`.slice(0, 1000));
}
