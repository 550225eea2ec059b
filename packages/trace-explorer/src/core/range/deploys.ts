import { rfc3339 } from '../../lib/time/rfc3339.ts';
import { readField } from '../store/read/field-sql.ts';
import { bigint, namedColumns, number, text } from '../store/read/named-columns.ts';
import type { ReadOptions, SpanStore } from '../store/store.ts';
import { spanColumns } from '../traces/read/span-columns.ts';
import type { Deploy } from './schemas.ts';

const MAX_DEPLOYS = 200;

/** Most nanoseconds of each version in the comparison: an hour. */
const MOST = 3_600_000_000_000;

/**
 * The newest deploys. SQL, as a query compares no group with the group before. A deploy is the first span of a service's
 * version after another version of the service. Its stretch has at most the last hour of the version before and the first
 * hour of the version, as far as they sent spans.
 * @param end nanoseconds since the epoch; later spans do not count
 */
export async function readDeploys(store: SpanStore, end: bigint, options: ReadOptions): Promise<Deploy[]> {
  if (!store.fields().has('service.version')) return [];
  const c = spanColumns(store);
  const version = readField(store.fields(), 'service.version', 'VARCHAR');
  const { rows } = await store.read(
    `WITH versions AS (SELECT ${c.service} AS service, ${version} AS version, min(_time) AS first, max(_time) AS last FROM spans
      WHERE _time < $1 AND ${c.isSpan} AND ${version} IS NOT NULL GROUP BY 1, 2)
    SELECT ${DEPLOY.sql} FROM versions WINDOW before AS (PARTITION BY service ORDER BY first, version)
    QUALIFY previous IS NOT NULL ORDER BY first DESC, service LIMIT ${MAX_DEPLOYS}`,
    [end],
    options,
  );
  return rows.map(DEPLOY.rowOf).map(({ first, start, end, ...deploy }) => ({
    ...deploy,
    time: rfc3339(first),
    start_time: Math.floor(start / 1e9),
    end_time: Math.floor(end / 1e9) + 1,
  }));
}

const DEPLOY = namedColumns({
  service: text('service'),
  version: text('version'),
  previous: text('lag(version) OVER before'),
  first: bigint('first'),
  start: number(`greatest(lag(first) OVER before, least(lag(last) OVER before, first) - ${MOST})`),
  end: number(`least(last, first + ${MOST})`),
});
