import { namedColumns, number, text } from '../../../store/read/named-columns.ts';
import type { ReadOptions, SpanStore } from '../../../store/store.ts';
import { spanColumns } from '../span-columns.ts';
import type { SpanRecord } from '../span-record.ts';
import { rowsBeside, withStatementHabits } from './near-spans.ts';

/** A statement that takes less, in nanoseconds, is not slow, whatever the others take; one that takes more is slow by itself. */
const [LEAST_NS, MOST_NS] = [50e6, 190e6];
/** So many times as long as the others, in so many traces, beside so many of the others. */
const TIMES = 10;
const LEAST_TRACES = 5;
const LEAST_OTHERS = 5;
/** How many statements are looked at of ten minutes. */
const MOST_CALLS = 10_000;

/**
 * The records, where of a statement that again and again takes ten times as long as the other statements of its service is known how
 * long these take: their median.
 */
export async function withOtherStatements(
  store: SpanStore,
  records: readonly SpanRecord[],
  options: ReadOptions,
): Promise<readonly SpanRecord[]> {
  const isAsked = ({ statement, isDatabase, duration, error }: SpanRecord) =>
    isDatabase && statement > 0 && !error && duration >= LEAST_NS && duration < MOST_NS;
  if (!records.some(isAsked)) return records;
  return withStatementHabits(
    records,
    isAsked,
    (asked) => readOthers(store, asked, options),
    (record, otherStatements) => ({ ...record, otherStatements }),
  );
}

async function readOthers(store: SpanStore, asked: readonly SpanRecord[], options: ReadOptions) {
  const services = [...new Set(asked.map(({ service }) => service))];
  const c = spanColumns(store);
  const columns = namedColumns({
    slice: number('slice'),
    service: text('service'),
    statement: number('statement'),
    ms: number('others'),
  });
  const isLike = `${c.isDatabase} AND NOT ${c.error} AND ${c.service} IN (${services.map((_, nth) => `$${nth + 1}`).join(', ')})`;
  const { rows } = await store.read(
    `WITH near AS MATERIALIZED (
      SELECT _slice AS slice, ${c.service} AS service, ${c.duration} AS duration, ${c.traceId} AS trace, CAST(${c.statement} AS DOUBLE) AS statement
      FROM ${rowsBeside(asked, isLike, MOST_CALLS)}),
    asked AS (SELECT slice, service, statement, median(duration) AS own FROM near
      WHERE statement IN (${[...new Set(asked.map(({ statement }) => statement))].join(', ')}) GROUP BY ALL
      HAVING count(DISTINCT trace) FILTER (duration >= ${LEAST_NS}) >= ${LEAST_TRACES})
    SELECT ${columns.sql} FROM (
      SELECT asked.slice, asked.service, asked.statement, any_value(own) AS own, median(duration) / 1e6 AS others
      FROM asked JOIN near ON asked.slice = near.slice AND asked.service = near.service AND asked.statement <> near.statement
      GROUP BY ALL HAVING count(*) >= ${LEAST_OTHERS})
    WHERE own >= ${TIMES * 1e6} * others`,
    services,
    options,
  );
  return rows.map(columns.rowOf);
}
