import { counted, quoted } from '../../../../lib/text/words.ts';
import type { TraceModel } from '../../model/trace-model.ts';
import type { Wait } from '../../model/waits.ts';
import { linkWait } from '../../model/waits.ts';
import type { FindingRule } from '../finding.ts';
import type { Sentence } from '../sentence.ts';
import { say, sentenceText } from '../sentence.ts';
import { calledAs, time } from '../words.ts';

/** A shorter wait is the normal pause of a worker that asks its queue for work. */
const LEAST_NS = 500e6;
/** Names of spans that put a message back for later, as BullMQ names them. */
const PUT_OFF = /^delay\b/;

/** A taken message, with the span of this trace that stands for it. */
interface Taken {
  readonly index: number;
  readonly wait: Wait | undefined;
  /** Of the work, in nanoseconds. */
  readonly work: number;
  readonly worker: Sentence;
}

/** Messages that waited longer in their queue than their work took. No span says when a message was to begin later. */
export const waitingMessage: FindingRule = {
  name: 'waiting-message',
  category: 'time',
  cause: (place) => `Messages wait longer for ${place} than their work takes`,
  find({ model }) {
    const late = takenOf(model).flatMap(({ wait, ...taken }) => {
      const waited = wait === undefined ? 0 : wait.until - wait.from;
      return waited >= LEAST_NS && waited > taken.work
        ? [{ ...taken, waited, queue: wait?.queue ?? '' }]
        : [];
    });
    return [
      ...Map.groupBy(late, ({ queue, worker }) => `${sentenceText(worker)}\n${queue}`).values(),
    ].flatMap((group) => {
      const [longest] = group.toSorted((a, b) => b.waited - a.waited);
      if (longest === undefined) return [];
      const { queue, waited, work, worker } = longest;
      const where = queue === '' ? 'in its queue' : `in ${quoted(queue)}`;
      // A message that was taken again is one message.
      const messages = new Set(group.map((each) => model.message(each.index) || each)).size;
      const who = messages === 1 ? 'A message' : `${counted(messages, 'message')}, the longest`;
      const verb =
        messages === 1 ? `waited ${time(waited)} ${where}` : `for ${time(waited)}, waited ${where}`;
      return {
        sentence: say`${who} ${verb} until ${worker} took it, whose work took ${time(work)}`,
        advice: 'Run more workers or a higher concurrency, unless the message was to begin later.',
        indexes: [...new Set(group.map(({ index }) => index))],
        cost: waited,
      };
    });
  },
};

function takenOf(model: TraceModel): Taken[] {
  const { length, parent } = model;
  const own = Array.from(length.keys()).flatMap((index) => {
    const wait = model.wait(index);
    if (wait === undefined || PUT_OFF.test(model.name(parent[index] ?? -1))) return [];
    const worker = calledAs({ name: model.name(index), service: model.service(index) });
    return { index, wait, work: length[index] ?? 0, worker };
  });
  // A wait between two traces is told in that of the worker.
  const linked = model.linked.flatMap((each) => {
    const { at: index, side } = each;
    const wait = side === 'after' ? undefined : linkWait(model, each);
    const worker = calledAs({ name: model.name(index), service: model.service(index) });
    return wait === undefined ? [] : [{ index, wait, work: length[index] ?? 0, worker }];
  });
  return [...own, ...linked];
}
