import type { Arrival } from '../model/outline.ts';
import type { SpanRecord } from '../read/span-record.ts';
import { isFar, isOtherUnit } from '../read/span-record.ts';
import type { Parents } from './parents.ts';

export type Mark =
  | 'missing_parent'
  | 'cycle_broken'
  | 'duplicate_id'
  | 'end_before_start'
  | 'no_start_time'
  | 'other_time_unit'
  | 'far_time'
  | 'future_start_time'
  | 'clock_adjusted';

interface Conditions extends Parents {
  readonly records: readonly SpanRecord[];
  readonly untimed: ReadonlySet<number>;
  /** Nanoseconds added to each span. */
  readonly shift: Float64Array;
}

const SECOND_NS = 1_000_000_000n;
/** By default, an exporter collects a batch for 5 s. A root that arrives this long after all others was really late. */
const LATE_ROOT_AFTER_NS = 10n * SECOND_NS;
/** Clocks of running machines differ by seconds. A time more than an hour ahead of the receiver is wrong. */
const FUTURE_AFTER_NS = 3600n * SECOND_NS;

/** Marks every odd span. */
export function marksOf({ records, sharing, missing, cut, untimed, shift }: Conditions) {
  const where = (test: (record: SpanRecord, index: number) => boolean) =>
    new Set(records.flatMap((record, index) => (test(record, index) ? [index] : [])));
  const all: readonly (readonly [Mark, ReadonlySet<number>])[] = [
    ['missing_parent', missing],
    ['cycle_broken', cut],
    ['duplicate_id', sharing],
    ['end_before_start', where((record) => record.endBeforeStart)],
    ['no_start_time', where(({ start }) => start <= 0n)],
    ['other_time_unit', where(({ start }) => isOtherUnit(start))],
    ['far_time', where((record) => record.endIsFar || isFar(record.start, record.received))],
    [
      'future_start_time',
      where(({ start, received }) => start > received + FUTURE_AFTER_NS && !isFar(start, received)),
    ],
    ['clock_adjusted', where((_, index) => !untimed.has(index) && (shift[index] ?? 0) !== 0)],
  ];
  const odd = all.filter(([, set]) => set.size > 0);
  return (index: number): readonly Mark[] => odd.filter(([, set]) => set.has(index)).map(([mark]) => mark);
}

/** How the spans arrived: a root long after all others. */
export function arrivalOf({ records, parent, missing, cut }: Conditions): Arrival {
  const roots: SpanRecord[] = [];
  let lastOther = 0n;
  for (const [index, record] of records.entries()) {
    if (parent[index] === -1 && !missing.has(index) && !cut.has(index)) roots.push(record);
    else if (record.received > lastOther) lastOther = record.received;
  }
  const [root] = roots;
  const delay = root === undefined || roots.length > 1 || lastOther === 0n ? 0n : root.received - lastOther;
  return delay >= LATE_ROOT_AFTER_NS ? { late_root_s: Number(delay / SECOND_NS) } : {};
}
