import type { ReadOptions, SpanStore } from '../store/store.ts';
import { rfc3339 } from '../traces/read/rfc3339.ts';
import { readField, spanColumns } from '../traces/read/span-columns.ts';
import type { Deploy } from './overview.ts';

const MAX_DEPLOYS = 200;

/**
 * The newest deploys: the first span of a service's version that came after another version of the service.
 * @param end nanoseconds since the epoch; spans after it are left out
 */
export async function readDeploys(store: SpanStore, end: bigint, options: ReadOptions): Promise<Deploy[]> {
  if (!store.fields().has('service.version')) return [];
  const c = spanColumns(store);
  const version = readField(store.fields(), 'service.version', 'VARCHAR');
  const { rows } = await store.read(
    `WITH versions AS (SELECT ${c.service} AS service, ${version} AS version, min(_time) AS first FROM spans
      WHERE _time < $1 AND ${c.isSpan} AND ${version} IS NOT NULL GROUP BY 1, 2)
    SELECT service, version, first, lag(version) OVER (PARTITION BY service ORDER BY first, version) AS previous
    FROM versions QUALIFY previous IS NOT NULL ORDER BY first DESC, service LIMIT ${MAX_DEPLOYS}`,
    [end],
    options,
  );
  return rows.map(([service, to, first, previous]) => ({
    service: String(service),
    version: String(to),
    previous: String(previous),
    time: rfc3339(BigInt(first as bigint | number)),
  }));
}
