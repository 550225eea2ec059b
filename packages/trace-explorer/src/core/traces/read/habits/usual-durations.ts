import { namedColumns, number, text } from '../../../store/read/named-columns.ts';
import type { ReadOptions, SpanStore } from '../../../store/store.ts';
import { spanColumns } from '../span-columns.ts';
import type { SpanRecord } from '../span-record.ts';
import { rowsBeside, withStatementHabits } from './near-spans.ts';

/** Shorter stalls are no findings, in milliseconds. */
const LEAST_MS = 50;
/** How many of their like are looked at of ten minutes. */
const MOST_CALLS = 20_000;
/** Calls that tell how long a statement usually takes. */
const LEAST_CALLS = 2;

/**
 * The records, where of a statement during which its process stood still is known how long the same statement takes without a stall:
 * the median of those near it.
 */
export async function withUsualDurations(
  store: SpanStore,
  records: readonly SpanRecord[],
  options: ReadOptions,
): Promise<readonly SpanRecord[]> {
  const isAsked = ({ statement, kind, stalls, stalled }: SpanRecord) =>
    kind === 'client' && statement > 0 && stalls !== '' && stalled >= LEAST_MS;
  if (!records.some(isAsked)) return records;
  return withStatementHabits(
    records,
    isAsked,
    (asked) => readUsual(store, asked, options),
    (record, usual) => ({ ...record, usual }),
  );
}

async function readUsual(store: SpanStore, asked: readonly SpanRecord[], options: ReadOptions) {
  const names = [...new Set(asked.map(({ name }) => name))];
  const c = spanColumns(store);
  const columns = namedColumns({
    slice: number('slice'),
    service: text('service'),
    statement: number('statement'),
    ms: number('median(duration) / 1e6'),
  });
  const isLike = `${c.kind} = 'client' AND ${c.name} IN (${names.map((_, nth) => `$${nth + 1}`).join(', ')})
    AND coalesce(${c.stalled}, 0) = 0 AND NOT ${c.error}`;
  const { rows } = await store.read(
    `SELECT ${columns.sql} FROM (
      SELECT _slice AS slice, ${c.service} AS service, ${c.duration} AS duration, CAST(${c.statement} AS DOUBLE) AS statement
      FROM ${rowsBeside(asked, isLike, MOST_CALLS)})
    WHERE statement IN (${[...new Set(asked.map(({ statement }) => statement))].join(', ')})
    GROUP BY slice, service, statement HAVING count(*) >= ${LEAST_CALLS}`,
    names,
    options,
  );
  return rows.map(columns.rowOf);
}
