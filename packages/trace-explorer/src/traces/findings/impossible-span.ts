import { counted } from '../../shared/words.ts';
import type { TraceModel } from '../model/trace-model.ts';
import type { FindingRule, Found } from './finding.ts';

/** A mark of spans, a sentence for a number of them, and advice. */
type Kind = readonly [mark: string, sentence: (count: number, isAll: boolean) => string, advice: string];

const IDS: readonly Kind[] = [
  [
    'cycle_broken',
    (count) => `${counted(count, 'cycle')} of spans that are their own ancestors, opened at the earliest`,
    'See where the sender takes the ids of parents from.',
  ],
  [
    'duplicate_id',
    (count) => `An id was used for different spans: ${counted(count, 'span')}, all shown`,
    'Make ids from a good source of random numbers, anew after a fork.',
  ],
];

const TIMES: readonly Kind[] = [
  [
    'end_before_start',
    (count) => `End before start in ${counted(count, 'span')}; shown with no duration`,
    'Take both times from a clock that only goes forward.',
  ],
  [
    'no_start_time',
    (count) => `No start time in ${counted(count, 'span')}; shown at the parent's start`,
    'Send start_time_unix_nano.',
  ],
  [
    'other_time_unit',
    (count, isAll) =>
      `Start in 1970 in ${counted(count, 'span')}${isAll ? '' : "; shown at the parent's start"}`,
    'Send start_time_unix_nano in nanoseconds: seconds, milliseconds and microseconds of today are times of 1970.',
  ],
];

/** Ids of spans that cannot be. */
export const impossibleId: FindingRule = {
  name: 'impossible-id',
  cause: (place) => `${place} has ids that cannot be`,
  find: ({ model }) => foundOf(model, IDS),
};

/** Times of spans that cannot be. */
export const impossibleSpan: FindingRule = {
  name: 'impossible-span',
  cause: (place) => `${place} has times that cannot be`,
  find: ({ model }) => foundOf(model, TIMES),
};

function foundOf(model: TraceModel, kinds: readonly Kind[]): Found[] {
  return kinds.flatMap(([mark, sentenceFor, advice]) => {
    const indexes = model.marked(mark);
    const isAll = indexes.length === model.count;
    return indexes.length === 0
      ? []
      : { sentence: sentenceFor(indexes.length, isAll), advice, indexes, cost: 0 };
  });
}
