import { counted } from '../../../../lib/text/words.ts';
import type { TraceModel } from '../../model/trace-model.ts';
import type { FindingRule } from '../finding.ts';

/** Impossible properties of spans, by their mark: a sentence for a number of spans, and advice. */
const KINDS = [
  [
    'cycle_broken',
    (count: number) =>
      `${counted(count, 'cycle')} of spans that are their own ancestors, opened at the earliest`,
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
    (count: number, model: TraceModel, spans: readonly number[]) =>
      `No start time in ${counted(count, 'span')}${shownAt(model, spans)}`,
    'Send start_time_unix_nano.',
  ],
  [
    'other_time_unit',
    (count: number, model: TraceModel, spans: readonly number[]) =>
      `Start in 1970 in ${counted(count, 'span')}${shownAt(model, spans)}`,
    'Send start_time_unix_nano in nanoseconds: seconds, milliseconds and microseconds of today are times of 1970.',
  ],
  [
    'far_time',
    (count: number, model: TraceModel, spans: readonly number[]) =>
      `A time more than a year after arrival in ${counted(count, 'span')}${shownFar(model, spans)}`,
    'Send both times in nanoseconds, from a clock that is right.',
  ],
] as const;

/** Ids of spans that cannot be. */
export const impossibleId = impossible('impossible-id', 'ids', ['cycle_broken', 'duplicate_id']);

/** Times of spans that cannot be. */
export const impossibleSpan = impossible('impossible-span', 'times', [
  'end_before_start',
  'no_start_time',
  'other_time_unit',
  'far_time',
]);

/** Where spans without a credible start are shown, and others with an end that is none; empty where no span has a start to show them by. */
function shownAt(
  { count, parent }: TraceModel,
  moved: readonly number[],
  ended: readonly number[] = [],
): string {
  if (moved.length === count) return '';
  const places = [
    ...(moved.some((index) => (parent[index] ?? -1) >= 0) ? ["at the parent's start"] : []),
    ...(moved.some((index) => (parent[index] ?? -1) < 0) ? ["at the trace's start"] : []),
    ...(ended.length > 0 ? ['with no duration'] : []),
  ];
  return `; shown ${places.join(', or ')}`;
}

/** Where spans of another century are shown: one whose start is of today has lost its duration. */
function shownFar(model: TraceModel, spans: readonly number[]): string {
  const { true: ended = [], false: moved = [] } = Object.groupBy(spans, (index) =>
    model.length[index] === 0 ? 'true' : 'false',
  );
  return shownAt(model, moved, ended);
}

function impossible(name: string, what: string, marks: readonly string[]): FindingRule {
  return {
    name,
    category: 'telemetry',
    cause: (place) => `${place} has ${what} that cannot be`,
    find: ({ model }) =>
      KINDS.flatMap(([mark, sentenceFor, advice]) => {
        const indexes = marks.includes(mark) ? model.marked(mark) : [];
        return indexes.length === 0
          ? []
          : { sentence: sentenceFor(indexes.length, model, indexes), advice, indexes, cost: 0 };
      }),
  };
}
