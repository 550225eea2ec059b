import type { SpanRecord } from '../span-record.ts';

/** Ten minutes of the clock, in nanoseconds: a span is compared with those that began in its ten, and in the ten before and after. */
const SLICE_NS = 600_000_000_000n;

type Timed = Pick<SpanRecord, 'start'>;

/** The ten minutes of the clock in which a span began. Whoever asks about the span, it is compared with the same spans. */
export function sliceOf({ start }: Timed): bigint {
  return start / SLICE_NS;
}

/** SQL of whether a row began in the ten minutes of a slice, or in those before and after. */
export function isBeside(slice: bigint): string {
  return `_time >= ${(slice - 1n) * SLICE_NS} AND _time < ${(slice + 2n) * SLICE_NS}`;
}

/** SQL of whether a row began at most so many nanoseconds before the first of some spans, or after the last. */
export function isNear(spans: readonly Timed[], within: bigint): string {
  const starts = spans.map(({ start }) => start).sort((a, b) => (a < b ? -1 : 1));
  const [first, last] = [starts[0] ?? 0n, starts.at(-1) ?? 0n];
  return `_time >= ${first - within} AND _time <= ${last + within}`;
}

/** Slices of one statement: each of them is a scan of its own. */
const MOST_SLICES = 12;

/** Spans in parts, of which each began in few slices. */
export function bySlices<T extends Timed>(spans: readonly T[]): readonly (readonly T[])[] {
  const slices = [...Map.groupBy(spans, sliceOf)].toSorted(([a], [b]) => (a < b ? -1 : 1));
  const parts: T[][] = [];
  for (const [at, [, own]] of slices.entries())
    if (at % MOST_SLICES === 0) parts.push([...own]);
    else parts.at(-1)?.push(...own);
  return parts;
}

/**
 * Rows beside some spans, as SQL that FROM takes instead of table `spans`: for each slice of these spans the rows that they are
 * compared with, under its number as `_slice`.
 * @param condition on the rows
 * @param most of the rows of one slice, the first that came
 */
export function rowsBeside(spans: readonly Timed[], condition: string, most: number): string {
  const asked = [...new Set(spans.map(sliceOf))];
  const beside = [...new Set(asked.flatMap((slice) => [slice - 1n, slice, slice + 1n]))];
  const scans = beside.map(
    (slice) =>
      `SELECT * FROM (SELECT *, ${slice}::BIGINT AS _began FROM spans WHERE _time >= ${slice * SLICE_NS} AND _time < ${(slice + 1n) * SLICE_NS} AND ${condition} LIMIT ${most})`,
  );
  return `(SELECT * FROM (${scans.join(' UNION ALL ')}) JOIN (SELECT unnest([${asked.join(', ')}]) AS _slice) ON abs(_began - _slice) <= 1) AS spans`;
}

/** What is usual for a statement of a service in a slice, in milliseconds. */
interface StatementHabit {
  readonly slice: number;
  readonly service: string;
  readonly statement: number;
  readonly ms: number;
}

/**
 * The records, with what is usual beside those that are asked about.
 * @param isAsked whether a record is compared with others
 * @param read asks the store about some of these records
 * @param add a record with what is usual for its statement
 */
export async function withStatementHabits(
  records: readonly SpanRecord[],
  isAsked: (record: SpanRecord) => boolean,
  read: (asked: readonly SpanRecord[]) => Promise<readonly StatementHabit[]>,
  add: (record: SpanRecord, ms: number) => SpanRecord,
): Promise<readonly SpanRecord[]> {
  const found = new Map<string, number>();
  for (const asked of bySlices(records.filter(isAsked)))
    for (const row of await read(asked)) found.set(statementKey(row), row.ms);
  if (found.size === 0) return records;
  return records.map((record) => {
    const ms = isAsked(record)
      ? found.get(statementKey({ ...record, slice: Number(sliceOf(record)) }))
      : undefined;
    return ms === undefined ? record : add(record, ms);
  });
}

function statementKey({ slice, service, statement }: Omit<StatementHabit, 'ms'>): string {
  return `${slice} ${statement} ${service}`;
}
