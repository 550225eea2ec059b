import type { ReadOptions, SpanStore } from '../store/store.ts';
import { VARIABLE_PARTS } from '../traces/findings/errors.ts';
import { rfc3339 } from '../traces/read/rfc3339.ts';
import { rowsAt } from '../traces/read/rows-at.ts';
import { spanColumns } from '../traces/read/span-columns.ts';
import type { SpansInRange } from '../traces/read/spans-in-range.ts';
import type { ErrorFigures } from './overview.ts';

const MAX_ERRORS = 12;
/** Most routes that an error names. Further routes are counted. */
const MAX_ROUTES = 20;

const ROUTE = `CASE WHEN kind = 'server' THEN name END`;

/**
 * Failed spans with a message, without those that pass a failure on: an error below them has a message too, and every span
 * between both failed. Each exception then counts once, where it came from. SQL, as a query sees the parent of a span, but
 * no span above it. The route of such an error is that of the first failed SERVER span on the way up through failed spans.
 */
const CAUSES = `(WITH RECURSIVE failed AS MATERIALIZED (SELECT * FROM s WHERE error), above(id) AS (
    SELECT parent FROM failed WHERE message IS NOT NULL AND NOT root
    UNION SELECT f.parent FROM failed f JOIN above ON f.id = above.id WHERE NOT f.root),
  causes AS MATERIALIZED (SELECT * FROM failed ANTI JOIN above USING (id) WHERE message IS NOT NULL),
  way(cause, next, route) AS (
    SELECT id, parent, ${ROUTE} FROM causes
    UNION SELECT way.cause, failed.parent, ${ROUTE} FROM failed JOIN way ON failed.id = way.next WHERE way.route IS NULL)
  SELECT * FROM causes LEFT JOIN (SELECT cause AS id, any_value(route) AS route FROM way GROUP BY 1) USING (id))`;

const ERRORS = `SELECT service, arg_max(coalesce(name, ''), time), problem, arg_max(message, time), sum(weight), min(time), max(time),
    arg_max(seq, time), bool_or(weight > 1),
    list_sort(list(DISTINCT route) FILTER (route IS NOT NULL))[:${MAX_ROUTES}], count(DISTINCT route)
  FROM ${CAUSES}
  GROUP BY service, problem, regexp_replace(message, '${VARIABLE_PARTS}', '…', 'g') ORDER BY max(time) DESC, 1, 4 LIMIT ${MAX_ERRORS}`;

/** The newest exceptions of the spans: by service, type, and message without ids. */
export async function readErrors(
  store: SpanStore,
  { read, readThrown }: SpansInRange,
  options: ReadOptions,
): Promise<ErrorFigures[]> {
  // Most spans have no such field, so their other columns are not read.
  const hasError = `${store.fields().get('error')?.sql ?? 'NULL'} IS NOT NULL`;
  // Without a message there is no exception to name, and the ids of failed spans are not read.
  const said = await read('SELECT 1 FROM s WHERE error AND message IS NOT NULL LIMIT 1', hasError);
  if (said.length === 0 && store.stats().logs === 0) return [];
  const rows = await readThrown(ERRORS, hasError);
  if (rows.length === 0) return [];
  const c = spanColumns(store);
  // A statement of its own: nearly every block has a span with an error, so a joint statement would read all ids.
  const found = await store.read(
    `SELECT _seq, ${c.traceId}, ${c.spanId} FROM ${rowsAt(rows.map((row) => Number(row[7])))}`,
    [],
    { ...options, short: true },
  );
  const ids = new Map(found.rows.map(([seq, ...rest]) => [Number(seq), rest]));
  // A span that was evicted in the meantime has no link.
  return rows.flatMap((row) => {
    const span = ids.get(Number(row[7]));
    return span === undefined ? [] : [errorOf(row, span)];
  });
}

function errorOf(row: readonly unknown[], [traceId, spanId]: readonly unknown[]): ErrorFigures {
  return {
    service: String(row[0]),
    name: String(row[1]),
    ...(typeof row[2] === 'string' && { type: row[2] }),
    message: String(row[3]),
    count: Number(row[4]),
    ...(row[8] === true && { estimated: true }),
    first: rfc3339(BigInt(row[5] as bigint | number)),
    routes: (row[9] as string[] | null) ?? [],
    routes_total: Number(row[10]),
    last: rfc3339(BigInt(row[6] as bigint | number)),
    trace_id: String(traceId),
    span_id: String(spanId ?? ''),
  };
}
