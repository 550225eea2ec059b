import type { Rule } from './finding.ts';
import { counted } from './words.ts';

const cycles = (count: number) => (count === 1 ? 'One cycle' : `${count.toLocaleString('en-US')} cycles`);

/** Impossible properties of spans, by their mark: a sentence for a number of spans, and advice. */
const KINDS = [
  [
    'cycle_broken',
    (count: number) => `${cycles(count)} of spans that are their own ancestors, opened at the earliest`,
    'See where the sender takes the ids of parents from.',
  ],
  [
    'duplicate_id',
    (count: number) => `An id was used for different spans: ${counted(count, 'span')}, all shown`,
    'Make ids from a good source of random numbers, anew after a fork.',
  ],
  [
    'end_before_start',
    (count: number) => `End before start in ${counted(count, 'span')}; shown with no duration`,
    'Take both times from a clock that only goes forward.',
  ],
  [
    'no_start_time',
    (count: number) => `No start time in ${counted(count, 'span')}; shown at the parent's start`,
    'Send start_time_unix_nano.',
  ],
] as const;

/** Impossible ids and times of spans, and copies of spans. */
export const impossibleSpan: Rule = {
  name: 'impossible-span',
  find({ model }) {
    const found = KINDS.flatMap(([mark, sentenceFor, advice]) => {
      const places = model.marked(mark);
      return places.length === 0 ? [] : { sentence: sentenceFor(places.length), advice, places, cost: 0 };
    });
    const { copies = 0 } = model.arrival;
    if (copies === 0) return found;
    const sentence = `Equal copies left out: ${counted(copies, 'span')}`;
    return [...found, { sentence, advice: 'Nothing: an exporter sent them again.', places: [], cost: 0 }];
  },
};
