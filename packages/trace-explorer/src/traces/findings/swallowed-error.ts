import { getOrMake } from '../../shared/get-or-make.ts';
import type { TraceFacts } from './facts.ts';
import type { Rule } from './finding.ts';
import { isCallersFault, nameOf, serviceOf, spanOf, times, withStatus } from './words.ts';

/** An error that the span above it does not have: the request was answered as if nothing had happened. */
export const swallowedError: Rule = {
  name: 'swallowed-error',
  find(facts) {
    const { model, entry, cause: causes, recovered } = facts;
    const groups = new Map<string, number[]>();
    for (const place of model.errors) {
      if (!isSwallowed(facts, place) || recovered.has(place)) continue;
      const key = `${entry[place]} ${model.service(place)} ${model.name(place)} ${model.statusCode(place)}`;
      getOrMake(groups, key, () => []).push(place);
    }
    return [...groups.values()].map((places) => {
      const [first = 0] = places;
      const { [first]: cause = first } = causes;
      const often = places.length === 1 ? '' : ` ${times(places.length)}`;
      const where = cause === first ? '' : ` because of ${serviceOf(model, cause)}`;
      return {
        sentence: `${spanOf(model, first)} failed${withStatus(model, first)}${often}${where}, and ${nameOf(model, entry[first] ?? -1)} went on without an error`,
        advice: 'Let the error through, or say in the answer what is missing.',
        places,
        cost: places.reduce((sum, place) => sum + (model.length[place] ?? 0), 0),
      };
    });
  },
};

function isSwallowed({ model, entry, cause, taken }: TraceFacts, place: number): boolean {
  const [kind, up = -1] = [model.kind(place), model.parent[place]];
  if (up < 0 || kind === 'server' || kind === 'consumer' || model.service(up) !== model.service(place))
    return false;
  if (model.error[up] === 1 || model.error[entry[place] ?? -1] === 1) return false;
  return !taken.has(place) && !taken.has(cause[place] ?? -1) && !isCallersFault(model.statusCode(place));
}
