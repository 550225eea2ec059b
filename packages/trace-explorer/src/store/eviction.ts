import type { DuckDBConnection } from '@duckdb/node-api';
import type { FieldCatalogue } from './field-catalogue.ts';
import { deleteOrphans } from './parts-table.ts';

export interface Evicted {
  readonly rows: number;
  readonly spans: number;
  readonly logs: number;
}

/** Rows without a trace that are kept or dropped together. */
const BLOCK_ROWS = 1_024;
const MINUTE_NS = 60_000_000_000;

/**
 * What is kept or dropped as a whole, as a number: a trace with its log records; of log records without a trace, those of
 * a service that came one after the other.
 */
function unit(catalogue: FieldCatalogue): string {
  const trace = fieldSql(catalogue, 'trace.trace_id');
  return `CASE WHEN ${trace} IS NULL THEN hash(_dataset, _seq // ${BLOCK_ROWS}, _received // ${MINUTE_NS}) ELSE hash(${trace}) END`;
}

/** Two numbers of a group of rows: its spans, which all have a kind and no other rows have, and its log records. */
export function countItems(catalogue: FieldCatalogue): string {
  const kind = fieldSql(catalogue, 'span.kind');
  return `count(${kind}), count(_span) - count(${kind})`;
}

/** Of a field that every store has. */
function fieldSql(catalogue: FieldCatalogue, name: string): string {
  return catalogue.fields.get(name)?.sql ?? 'NULL';
}

/** Deletes traces, and log records without one, whose last row came before `before` (nanoseconds since the epoch). */
export async function evictOlderThan(
  connection: DuckDBConnection,
  catalogue: FieldCatalogue,
  before: bigint,
): Promise<Evicted> {
  const oldest = await connection.runAndReadAll('SELECT 1 FROM spans WHERE _received < $1 LIMIT 1', [before]);
  if (oldest.currentRowCount === 0) return { rows: 0, spans: 0, logs: 0 };
  await connection.run(
    `CREATE OR REPLACE TEMP TABLE evicted AS SELECT ${unit(catalogue)} AS trace FROM spans GROUP BY 1 HAVING max(_received) < ${before}`,
  );
  return deleteEvicted(connection, catalogue);
}

/**
 * Deletes whole traces until `share` (0 to 1) of the stored bytes is gone. Each trace is charged to the
 * service that has stored least of those it passes through, and the services that use most lose their oldest
 * traces first, down to a common level: a noisy service loses its own traces before any other service loses one.
 * @param minimumKept bytes as received that stay whatever `share` says: space is freed by row groups, and
 *   what was deleted but not freed yet must not make the next eviction delete as much again
 */
export async function evictShare(
  connection: DuckDBConnection,
  catalogue: FieldCatalogue,
  share: number,
  minimumKept: number,
): Promise<Evicted> {
  await connection.run(`
    CREATE OR REPLACE TEMP TABLE traces AS
    WITH usage AS (SELECT _dataset, sum(${WEIGHT}) AS used FROM spans GROUP BY 1)
    SELECT ${unit(catalogue)} AS trace, arg_min(_dataset, used) AS owner, sum(${WEIGHT}) AS weight, max(_seq) AS last
    FROM spans JOIN usage USING (_dataset) GROUP BY 1`);
  const owners = await connection.runAndReadAll('SELECT sum(weight)::DOUBLE FROM traces GROUP BY owner');
  const level = commonLevel(
    owners.getRows().map(([weight]) => Number(weight)),
    share,
    minimumKept,
  );
  await connection.run(`
    CREATE OR REPLACE TEMP TABLE evicted AS
    SELECT trace FROM (SELECT trace, sum(weight) OVER (PARTITION BY owner ORDER BY last DESC) AS kept FROM traces)
    WHERE kept > ${level}`);
  await connection.run('DROP TABLE traces');
  return deleteEvicted(connection, catalogue);
}

/** What a row weighs: its span as received, and what its fields take beside it. */
const WEIGHT = '(_bytes + 200)';

/** The level to which every owner is cut so that `share` of the whole goes, largest owners first. */
export function commonLevel(weights: readonly number[], share: number, minimumKept = 0): number {
  const ascending = [...weights].sort((a, b) => a - b);
  const total = ascending.reduce((sum, weight) => sum + weight, 0);
  let keep = Math.max(total * (1 - share), minimumKept);
  for (const [index, weight] of ascending.entries()) {
    const level = keep / (ascending.length - index);
    if (weight >= level) return level;
    keep -= weight;
  }
  return Number.MAX_SAFE_INTEGER;
}

async function deleteEvicted(connection: DuckDBConnection, catalogue: FieldCatalogue): Promise<Evicted> {
  const where = `${unit(catalogue)} IN (SELECT trace FROM evicted)`;
  const counted = await connection.runAndReadAll(
    `SELECT count(*), ${countItems(catalogue)} FROM spans WHERE ${where}`,
  );
  const [rows, spans, logs] = counted.getRows()[0] ?? [];
  await connection.run(`DELETE FROM spans WHERE ${where}`);
  await connection.run('DROP TABLE evicted');
  await connection.run('DELETE FROM scopes WHERE id NOT IN (SELECT DISTINCT _scope FROM spans)');
  await deleteOrphans(connection);
  return { rows: Number(rows), spans: Number(spans), logs: Number(logs) };
}
