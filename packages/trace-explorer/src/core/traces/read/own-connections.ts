import { namedColumns, number, text } from '../../store/read/named-columns.ts';
import type { ReadOptions, SpanStore } from '../../store/store.ts';
import { spanColumns } from './span-columns.ts';
import type { SpanRecord } from './span-record.ts';

/** Calls of a line, and those of them that opened connections: so many, and of their time such a share. */
const LEAST_CALLS = 5;
const LEAST_OPENED = 0.9;
const LEAST_SHARE = 0.3;
/** Connections that open faster, in nanoseconds each, cost nothing that anybody notices. */
const LEAST_NS = 5e6;
const LEAST_SUM_NS = 50e6;
/** A client keeps a connection for a few seconds: so long after a call, its connection should serve the next one, in nanoseconds. */
const KEPT_NS = 1_000_000_000;
/** How long before and after other calls are looked for, in nanoseconds; and how many are looked at. */
const NEAR_NS = 600_000_000_000n;
const MOST_CALLS = 10_000;

/**
 * The records, where of an HTTP call that opened a connection is known that the calls of its line do so each time, although a call
 * before had just ended: how many calls, how many opened, and the milliseconds that opening took of their time, as JSON.
 */
export async function withOwnConnections(
  store: SpanStore,
  records: readonly SpanRecord[],
  options: ReadOptions,
): Promise<readonly SpanRecord[]> {
  const isAsked = ({ kind, line, isDatabase, duration, dns, connecting, tls }: SpanRecord) =>
    kind === 'client' &&
    line !== '' &&
    !isDatabase &&
    connecting > 0 &&
    1e6 * (dns + connecting + tls) >= LEAST_SHARE * duration;
  const asked = records.filter(isAsked);
  if (asked.length === 0) return records;
  const starts = asked.map(({ start }) => start).sort((a, b) => (a < b ? -1 : 1));
  const lines = [...new Set(asked.map(({ line }) => line))];
  const c = spanColumns(store);
  const columns = namedColumns({
    service: text('service'),
    line: text('line'),
    calls: number('count(*)'),
    opened: number('count_if(opening > 0)'),
    openingMs: number('sum(opening) / 1e6'),
    tookMs: number('sum(duration) / 1e6'),
  });
  const opening = `1e6 * (coalesce(${c.dns}, 0) + coalesce(${c.connecting}, 0) + coalesce(${c.tls}, 0))`;
  const isAgain = `opening > 0 AND before <= start AND before > start - ${KEPT_NS}`;
  const { rows } = await store.read(
    `WITH near AS (
      SELECT ${c.service} AS service, ${c.line} AS line, ${c.start} AS start, ${c.duration} AS duration, ${opening} AS opening,
        max(${c.start} + ${c.duration}) OVER (PARTITION BY ${c.service}, ${c.instance}, ${c.line}, ${c.peer} ORDER BY ${c.start}
          ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before
      FROM (SELECT * FROM spans WHERE _time >= ${(starts[0] ?? 0n) - NEAR_NS} AND _time <= ${(starts.at(-1) ?? 0n) + NEAR_NS}
        AND ${c.kind} = 'client' AND ${c.line} IN (${lines.map((_, nth) => `$${nth + 1}`).join(', ')}) LIMIT ${MOST_CALLS}) AS spans)
    SELECT ${columns.sql} FROM near GROUP BY service, line
    HAVING count(*) >= ${LEAST_CALLS} AND count_if(opening > 0) >= ${LEAST_OPENED} * count(*)
      AND sum(opening) >= greatest(${LEAST_SUM_NS}, ${LEAST_SHARE} * sum(duration), ${LEAST_NS} * count(*))
      AND count_if(${isAgain}) >= ${LEAST_CALLS - 1}`,
    lines,
    options,
  );
  if (rows.length === 0) return records;
  const keyOf = ({ service, line }: { service: string; line: string }) => JSON.stringify([service, line]);
  const found = new Map(
    rows
      .map(columns.rowOf)
      .map((row) => [keyOf(row), JSON.stringify([row.calls, row.opened, row.openingMs, row.tookMs])]),
  );
  return records.map((record) => {
    const ownConnections = isAsked(record) ? found.get(keyOf(record)) : undefined;
    return ownConnections === undefined ? record : { ...record, ownConnections };
  });
}
