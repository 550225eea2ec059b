import { times } from '../../../../lib/text/words.ts';
import { childrenOf } from '../../model/children.ts';
import type { TraceFacts } from '../facts.ts';
import type { DraftFinding, FindingRule } from '../finding.ts';
import { say } from '../sentence.ts';
import { exceptionText, spanWords, time } from '../words.ts';

/** BullMQ marks no attempt as failed. A span below the last attempt says so. */
const FAIL = /^fail\b/;

/** A message that a worker took more than once, one attempt after the other. */
export const attempts: FindingRule = {
  name: 'attempts',
  category: 'errors',
  cause: (place) => `${place} takes a message more than once`,
  find(facts) {
    const { model } = facts;
    const consumers = Array.from(model.length.keys()).filter(
      (index) => model.kind(index) === 'consumer' && model.message(index) > 0,
    );
    const messageKey = (index: number) =>
      JSON.stringify([model.message(index), model.service(index), model.name(index), model.queue(index)]);
    return [...Map.groupBy(consumers, messageKey).values()].flatMap((indexes) => findingOf(facts, indexes));
  },
};

function findingOf({ model, end, origin }: TraceFacts, all: readonly number[]): DraftFinding[] {
  const start = (index: number) => model.offset[index] ?? 0;
  const ordered = all.toSorted((a, b) => start(a) - start(b));
  const isApart = ordered.every(
    (index, nth) => nth === 0 || start(index) >= (end[ordered[nth - 1] ?? 0] ?? 0),
  );
  const [first = 0, last = 0] = [ordered[0], ordered.at(-1)];
  if (ordered.length < 2 || !isApart) return [];
  const failed = ordered.findLast((index) => model.error[index] === 1);
  const hasFailed =
    model.error[last] === 1 || childrenOf(model, last).some((at) => FAIL.test(model.name(at)));
  const ended = hasFailed ? '; the last attempt failed' : '';
  const began = failed === undefined ? -1 : (origin[failed] ?? failed);
  const exception =
    began < 0 ? undefined : (exceptionText(model, began) ?? exceptionText(model, failed ?? began));
  const lost = start(last) - start(first);
  return [
    {
      sentence: say`${spanWords(model, first)} took one message ${times(ordered.length)}, the last time ${time(lost)} after the first${ended}`,
      ...(exception !== undefined && { exception }),
      advice: 'Find out why the earlier attempts did not complete the message.',
      // The last failure first: its message is the cause of the others as well.
      indexes: [...new Set([...(began < 0 ? [] : [began]), ...ordered])],
      cost: lost,
    },
  ];
}
