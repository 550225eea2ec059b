import type { SpanRecord } from '../read/span-record.ts';
import { describeClocks } from './clock-notice.ts';
import type { Parents } from './parents.ts';

/** An oddity of one span. */
export type Mark =
  | 'missing_parent'
  | 'cycle_broken'
  | 'duplicate_id'
  | 'end_before_start'
  | 'no_start_time'
  | 'future_start_time'
  | 'clock_adjusted';

/** An oddity of the trace, in words for a person. */
export interface Notice {
  readonly code: Mark | 'no_root' | 'several_roots' | 'late_root' | 'duplicates_merged' | 'too_large';
  readonly message: string;
  /** How many spans it is about. */
  readonly spans: number;
}

interface Conditions extends Parents {
  readonly records: readonly SpanRecord[];
  /** Equal copies of spans that were left out. */
  readonly copies: number;
  readonly untimed: ReadonlySet<number>;
  /** Nanoseconds added to each span. */
  readonly shift: Float64Array;
}

const SECOND_NS = 1_000_000_000n;
/** An exporter's batch waits 5 s by default; a root that comes this long after all others was really late. */
const LATE_ROOT_AFTER_NS = 10n * SECOND_NS;
/** Clocks of machines in use differ by seconds; an hour ahead of the receiver is a wrong time. */
const FUTURE_AFTER_NS = 3600n * SECOND_NS;

/** Names everything that is odd about a trace and each of its spans. */
export function collectNotices(conditions: Conditions): {
  notices: readonly Notice[];
  marksOf: (index: number) => readonly Mark[];
} {
  const { records, sharing, copies, missing, cut, untimed, parent, shift } = conditions;
  const where = (test: (record: SpanRecord, index: number) => boolean) =>
    new Set(records.flatMap((record, index) => (test(record, index) ? [index] : [])));
  const marks: readonly (readonly [Mark, ReadonlySet<number>, (count: number) => string])[] = [
    ['missing_parent', missing, (n) => `The parent of ${spans(n)} has not arrived; shown without it.`],
    [
      'cycle_broken',
      cut,
      (n) => `${cycles(n)} of spans that are their own ancestors, opened at the earliest.`,
    ],
    ['duplicate_id', sharing, (n) => `An id was used for different spans: ${spans(n)}, all shown.`],
    [
      'end_before_start',
      where((record) => record.endBeforeStart),
      (n) => `End before start in ${spans(n)}; shown with no duration.`,
    ],
    ['no_start_time', untimed, (n) => `No start time in ${spans(n)}; shown at the parent's start.`],
    [
      'future_start_time',
      where((record) => record.start > record.received + FUTURE_AFTER_NS),
      (n) => `Start more than an hour after arrival in ${spans(n)}: a clock is wrong.`,
    ],
    [
      'clock_adjusted',
      where((_, index) => !untimed.has(index) && (shift[index] ?? 0) !== 0),
      (n) => `Clocks disagree: ${describeClocks(conditions)}; ${spans(n)} moved.`,
    ],
  ];
  const notices: Notice[] = [];
  for (const [code, set, message] of marks) {
    if (set.size > 0) notices.push({ code, message: message(set.size), spans: set.size });
  }
  if (copies > 0) {
    notices.push({
      code: 'duplicates_merged',
      message: `Equal copies left out: ${spans(copies)}.`,
      spans: copies,
    });
  }
  notices.push(...rootNotices(records, parent, missing, cut));
  const odd = marks.filter(([, set]) => set.size > 0);
  return { notices, marksOf: (index) => odd.filter(([, set]) => set.has(index)).map(([mark]) => mark) };
}

function rootNotices(
  records: readonly SpanRecord[],
  parent: Int32Array,
  missing: ReadonlySet<number>,
  cut: ReadonlySet<number>,
): Notice[] {
  const roots: SpanRecord[] = [];
  let lastOther = 0n;
  for (const [index, record] of records.entries()) {
    if (parent[index] === -1 && !missing.has(index) && !cut.has(index)) roots.push(record);
    else if (record.received > lastOther) lastOther = record.received;
  }
  const [root] = roots;
  if (root === undefined) {
    if (records.length === 0) return [];
    const message = 'The root span has not arrived; the trace may be incomplete.';
    return [{ code: 'no_root', message, spans: 0 }];
  }
  if (roots.length > 1) {
    return [{ code: 'several_roots', message: `The trace has ${roots.length} roots.`, spans: roots.length }];
  }
  const delay = root.received - lastOther;
  if (lastOther === 0n || delay < LATE_ROOT_AFTER_NS) return [];
  const message = `The root span arrived ${delay / SECOND_NS} s after all the others.`;
  return [{ code: 'late_root', message, spans: 1 }];
}

function spans(count: number): string {
  return count === 1 ? '1 span' : `${count} spans`;
}

function cycles(count: number): string {
  return count === 1 ? 'One cycle' : `${count} cycles`;
}
