import { quoted } from '../../../lib/text/words.ts';
import { placeOfFrame, placeText } from '../model/code-place.ts';
import type { TraceFacts } from './facts.ts';
import type { DraftFinding, FindingRule } from './finding.ts';
import { say } from './sentence.ts';
import { nameOf, spanWords } from './words.ts';

/** Most characters of an exception. */
const LONGEST = 300;

/**
 * An error that was logged in a request which succeeded and in which nothing else failed. It is a fact and no failure: a fallback, a
 * try before a success and work in the background look the same.
 */
export const loggedError: FindingRule = {
  name: 'logged-error',
  category: 'logs',
  isPartial: true,
  cause: (place) => `${place} succeeds, and logs an error`,
  find(facts) {
    const { model, entry } = facts;
    const logged = Array.from(entry.keys()).filter((index) => model.logged(index) !== undefined);
    const groups = Map.groupBy(logged, (index) => `${entry[index]} ${model.logged(index)}`);
    return [...groups.values()].flatMap((indexes) => findingOf(facts, indexes));
  },
};

/** @param indexes spans of a request that logged the same */
function findingOf({ model, entry }: TraceFacts, indexes: readonly number[]): DraftFinding[] {
  const [first = -1] = indexes;
  const request = entry[first] ?? -1;
  const status = Number(model.statusCode(request));
  const isAnswered = model.kind(request) === 'server' && status > 0 && status < 400;
  if (!isAnswered || (model.errorsWithin[request] ?? 0) > 0) return [];
  const line = placeText(placeOfFrame(model.loggedFrame(first)?.trim() ?? '') ?? {}) || undefined;
  const where = line === undefined ? '' : ` (${quoted(line)})`;
  const within = first === request ? '' : say` in ${nameOf(model, first)}`;
  return [
    {
      sentence: say`${spanWords(model, request)} answered ${String(status)}, and logged ${quoted(model.logged(first) ?? '', LONGEST)}${where}${within}`,
      advice: 'If the answer is whole without it, log it as a warning.',
      ...(line !== undefined && { line }),
      indexes: [request, ...indexes.filter((index) => index !== request)],
      cost: 0,
    },
  ];
}
