import { namedColumns, number, text } from '../../../store/read/named-columns.ts';
import type { ReadOptions, SpanStore } from '../../../store/store.ts';
import { spanColumns } from '../span-columns.ts';
import type { SpanRecord } from '../span-record.ts';
import { isNear } from './near-spans.ts';

/** Shorter stalls are no findings, in milliseconds. */
const LEAST_MS = 50;
/** How many of their like are looked at. */
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
  const asked = records.filter(isAsked);
  if (asked.length === 0) return records;
  const names = [...new Set(asked.map(({ name }) => name))];
  const c = spanColumns(store);
  const columns = namedColumns({
    service: text('service'),
    statement: number('statement'),
    usual: number('median(duration) / 1e6'),
  });
  const { rows } = await store.read(
    `SELECT ${columns.sql} FROM (
      SELECT ${c.service} AS service, ${c.duration} AS duration, CAST(${c.statement} AS DOUBLE) AS statement
      FROM (SELECT * FROM spans WHERE ${isNear(asked)}
        AND ${c.kind} = 'client' AND ${c.name} IN (${names.map((_, nth) => `$${nth + 1}`).join(', ')})
        AND coalesce(${c.stalled}, 0) = 0 AND NOT ${c.error} LIMIT ${MOST_CALLS}) AS spans)
    WHERE statement IN (${[...new Set(asked.map(({ statement }) => statement))].join(', ')})
    GROUP BY service, statement HAVING count(*) >= ${LEAST_CALLS}`,
    names,
    options,
  );
  const keyOf = ({ service, statement }: { service: string; statement: number }) => `${statement} ${service}`;
  const found = new Map(rows.map(columns.rowOf).map((row) => [keyOf(row), row.usual]));
  return records.map((record) => {
    const usual = isAsked(record) ? found.get(keyOf(record)) : undefined;
    return usual === undefined ? record : { ...record, usual };
  });
}
