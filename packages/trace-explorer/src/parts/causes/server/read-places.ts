import type { Nanoseconds, TimeRange } from '../../../core/shared/time-range.ts';
import type { ReadOptions, SpanStore } from '../../../core/store/store.ts';
import { LEAST_NS, LEAST_OF_WORK_NS } from '../../../core/traces/findings/slow-call.ts';
import { POOL_WAIT } from '../../../core/traces/findings/waits/connections.ts';
import { cutSql, messageShapeSql } from '../../../core/traces/model/message-shape.ts';
import { NAMES } from '../../../core/traces/read/meanings.ts';
import { rfc3339 } from '../../../core/traces/read/rfc3339.ts';
import { rowsAt } from '../../../core/traces/read/rows-at.ts';
import { spanColumns } from '../../../core/traces/read/span-columns.ts';
import type { SpansInRange } from '../../../core/traces/read/spans-in-range.ts';
import { spansInRange } from '../../../core/traces/read/spans-in-range.ts';
import type { CauseKey } from './cause-key.ts';
import { keyAt } from './cause-key.ts';
import type { Cause } from './schemas.ts';
import { ERROR, MOST_LISTED, MOST_NAMED, SPARK } from './schemas.ts';
import { causeOfKey } from './words.ts';

/** The number of causes, the ones with most traces first. */
const MOST = 200;

/**
 * The spans where errors began, as `originsOf` finds them in one trace. SQL, as a query sees the parent of a span, but no span
 * above it.
 */
const originsSql = (
  answers: string,
) => `, refused AS (SELECT f.id FROM s f JOIN ${answers} a ON a.parent = f.id
    WHERE f.error AND f.root AND f.kind IN ('client', 'producer') AND starts_with(f.status, '4') AND NOT a.error),
  failed AS MATERIALIZED (SELECT *, ${messageShapeSql('message')} AS shape FROM s WHERE error),
  said_below(id) AS (
    SELECT parent FROM failed WHERE message IS NOT NULL AND NOT root
    UNION SELECT f.parent FROM failed f JOIN said_below b ON f.id = b.id WHERE NOT f.root),
  said_above(id) AS (
    SELECT id FROM failed WHERE message IS NOT NULL
    UNION SELECT f.id FROM failed f JOIN said_above a ON f.parent = a.id WHERE NOT f.root),
  asked(id) AS (
    SELECT id FROM failed WHERE (root AND id NOT IN (SELECT id FROM refused)) OR kind IN ('server', 'consumer')
    UNION SELECT f.id FROM failed f JOIN asked a ON f.parent = a.id WHERE NOT f.root),
  failing AS (SELECT DISTINCT trace, service FROM failed
    WHERE kind IN ('server', 'consumer') OR (root AND message IS NULL AND kind NOT IN ('client', 'producer'))),
  found AS MATERIALIZED (
    SELECT * FROM failed ANTI JOIN said_below USING (id) WHERE message IS NOT NULL
    UNION ALL SELECT * REPLACE (status AS shape) FROM failed ANTI JOIN said_below USING (id) ANTI JOIN said_above USING (id)
      ANTI JOIN (SELECT parent AS id FROM failed WHERE NOT root) USING (id)
      WHERE id IN (SELECT id FROM asked) OR (trace, service) IN (SELECT trace, service FROM failing))`;

/**
 * The spans of a rule with the parts of their keys: where errors began, or calls that no span answers and a service's own work. The
 * name of an agent's tool may stand at the span above alone, as `toolOf` says.
 */
function keyedSql(store: SpanStore, spans: SpansInRange, rule: string): string {
  const { kind, parentId, tool: used } = spanColumns(store);
  const answers = spans.matching(`${kind} = 'server' AND ${parentId} IS NOT NULL`);
  const slow = `, found AS MATERIALIZED (SELECT *, NULL AS shape FROM s ANTI JOIN (SELECT parent AS id FROM ${answers}) USING (id))`;
  const hasTools = NAMES.tool.some(spans.hasField);
  const tool = hasTools ? `coalesce(tool, CASE WHEN starts_with(name, above || '.') THEN given END)` : 'NULL';
  const host = rule === ERROR ? 'NULL' : `nullif(split_part(target, '/', 1), '')`;
  const unsaid = `coalesce(${host}, CASE WHEN NOT contains(coalesce(name, ''), ${tool}) THEN ${tool} END, '')`;
  const above = `LEFT JOIN (SELECT id AS up, any_value(name) AS above, any_value(tool) AS given FROM ${spans.matching(`${used} IS NOT NULL`)} GROUP BY 1) ON up = parent`;
  return `${rule === ERROR ? originsSql(answers) : slow}, keyed AS (SELECT ${cutSql('service')} AS service, ${cutSql("coalesce(name, '')")} AS name, kind,
    coalesce(${cutSql('problem')}, '') AS type, coalesce(shape, '') AS shape, ${cutSql(unsaid)} AS unsaid, trace, weight, time, duration, seq, user, version
    FROM found ${hasTools ? above : ''})`;
}

/** One row for each cause and trace, then one for each cause. */
function causesSql(keyed: string, range: SpansInRange, { start, end }: Nanoseconds): string {
  const bucket = `CAST(least(${SPARK - 1}, greatest(0, (first - ${start})::HUGEINT * ${SPARK} // ${end - start})) AS INTEGER)`;
  const spark = Array.from({ length: SPARK }, (_, at) => `count(*) FILTER (${bucket} = ${at})`);
  return `${keyed},
  per AS (SELECT service, name, kind, type, shape, unsaid, trace, max(weight) AS weight, min(time) AS first, max(time) AS last,
      sum(duration * weight) AS lost, arg_max(seq, (duration, seq)) AS seq, any_value(user) AS user, any_value(version) AS version
    FROM keyed GROUP BY ALL),
  begins AS (SELECT trace, arg_min(service, time) AS route_service, arg_min(coalesce(name, ''), time) AS route_name, arg_min(error, time) AS failed
    FROM ${range.matching(range.requests.map((condition) => `(${condition})`).join(' OR '))} SEMI JOIN per USING (trace) GROUP BY 1)
  SELECT service, name, kind, type, shape, sum(weight), bool_or(weight > 1), coalesce(sum(weight) FILTER (failed), 0), sum(lost),
    min(first), max(last), arg_max(seq, (lost, seq)), arg_max(seq, (last, seq)), [${spark.join(', ')}],
    list_sort(list(DISTINCT [route_service, route_name]) FILTER (route_name IS NOT NULL)), count(DISTINCT user), mode(user),
    list_sort(list(DISTINCT version) FILTER (version IS NOT NULL))[:${MOST_NAMED}], unsaid
  FROM per LEFT JOIN begins USING (trace) GROUP BY 1, 2, 3, 4, 5, unsaid ORDER BY 8 DESC, 6 DESC, 9 DESC, 1, 2, 3, 4, 5, unsaid LIMIT ${MOST}`;
}

/** A cause that is counted over all spans of the range, and two traces that show it. */
export interface ExactCause {
  readonly cause: Cause;
  readonly examples: readonly string[];
}

/** The errors of a range by where they came from, counted over all of its spans. */
export async function readErrorCauses(
  store: SpanStore,
  spans: SpansInRange,
  within: Nanoseconds,
  options: ReadOptions,
): Promise<ExactCause[]> {
  const some = await spans.read('SELECT 1 FROM s WHERE error LIMIT 1', hasError(store));
  if (some.length === 0) return [];
  const rows = await spans.readThrown(
    causesSql(keyedSql(store, spans, ERROR), spans, within),
    hasError(store),
  );
  return describeRows(store, rows, ERROR, options);
}

/** The operations with slow calls, counted over all spans of the range. Their traces say whether an operation is a cause. */
export async function readSlowPlaces(
  store: SpanStore,
  spans: SpansInRange,
  within: Nanoseconds,
  options: ReadOptions,
): Promise<ExactCause[]> {
  const rows = await spans.readMore(
    causesSql(keyedSql(store, spans, 'slow-call'), spans, within),
    slowCondition(store),
  );
  return describeRows(store, rows, 'slow-call', options);
}

/** The newest traces of a cause that is counted over all spans. */
export async function readCauseTraceIds(
  store: SpanStore,
  { rule, service, name, kind, type, message, target }: CauseKey,
  range: TimeRange,
  options: ReadOptions,
): Promise<string[]> {
  const spans = await spansInRange(store, range, options);
  const newest = `${keyedSql(store, spans, rule)} SELECT arg_max(seq, time), max(time) FROM keyed
    WHERE (service, name, kind, type, shape, unsaid) = ($3, $4, $5, $6, $7, $8) GROUP BY trace ORDER BY 2 DESC LIMIT ${MOST_LISTED}`;
  const values = [service, name, kind, type, message, target];
  const rows =
    rule === ERROR
      ? await spans.readThrown(newest, hasError(store), values)
      : await spans.readMore(newest, slowCondition(store), values);
  const c = spanColumns(store);
  const found = await store.read(
    `SELECT _seq, ${c.traceId} FROM ${rowsAt(rows.map(([seq]) => Number(seq)))}`,
    [],
    options,
  );
  const ids = new Map(found.rows.map(([seq, traceId]) => [Number(seq), String(traceId)]));
  return rows.flatMap(([seq]) => ids.get(Number(seq)) ?? []);
}

/** The condition of failed spans that reads one column: most spans have no such field, so their other columns are not read. */
function hasError(store: SpanStore): string {
  return `${store.fields().get('error')?.sql ?? 'NULL'} IS NOT NULL`;
}

/** The spans of a slow call's operation, as a condition on rows. */
function slowCondition(store: SpanStore): string {
  const { duration, kind, error, name, parentId, stalled, statement, waiting } = spanColumns(store);
  // Where a process stood still, or a call waited for a connection, the call itself took less.
  const own = `${duration} - 1e6 * (coalesce(${stalled}, 0) + coalesce(${waiting}, 0))`;
  const isSlow = `${own} >= CASE WHEN ${kind} = 'internal' THEN ${LEAST_OF_WORK_NS} ELSE ${LEAST_NS} END`;
  return `${duration} >= ${LEAST_NS} AND ${isSlow} AND ${kind} IN ('client', 'internal', 'unspecified') AND NOT ${error} AND ${parentId} IS NOT NULL
    AND NOT (${statement} IS NULL AND regexp_matches(coalesce(${name}, ''), '${POOL_WAIT}', 'i'))`;
}

/** Rows of causes, in the order of the columns of `causesSql`, as causes with traces that show them. */
export async function describeRows(
  store: SpanStore,
  rows: readonly (readonly unknown[])[],
  rule: string,
  options: ReadOptions,
): Promise<ExactCause[]> {
  if (rows.length === 0) return [];
  const c = spanColumns(store);
  // A statement of its own: a joint one would read the ids of all spans.
  const { rows: found } = await store.read(
    `SELECT _seq, ${c.traceId}, ${c.spanId} FROM ${rowsAt(rows.flatMap((row) => [Number(row[11]), Number(row[12])]))}`,
    [],
    { ...options, short: true },
  );
  const ids = new Map(
    found.map(([seq, traceId, spanId]) => [Number(seq), [String(traceId), String(spanId)]]),
  );
  return rows.flatMap((row) => {
    const [worst, last] = [ids.get(Number(row[11])), ids.get(Number(row[12]))];
    // A span that was evicted in the meantime shows nothing.
    const [traceId, spanId] = worst ?? last ?? [];
    if (traceId === undefined || spanId === undefined) return [];
    return {
      cause: causeOf(rule, row, { traceId, spanId }),
      examples: [worst, last].flatMap((each) => each?.[0] ?? []),
    };
  });
}

function causeOf(
  rule: string,
  row: readonly unknown[],
  { traceId, spanId }: { readonly traceId: string; readonly spanId: string },
): Cause {
  const [service, name, kind, type, message, traces, sampled, failed, lost] = row;
  const place = {
    service: String(service),
    name: String(name),
    kind: String(kind),
    target: typeof row[18] === 'string' ? row[18] : '',
  };
  const key = keyAt(rule, place, { type: String(type), message: String(message) });
  const routes = (row[14] as [string, string][] | null) ?? [];
  const usersTotal = Number(row[15]);
  return {
    ...causeOfKey(key),
    rules: [],
    counted: 'all',
    traces: Number(traces),
    of: 0,
    ...(sampled === true && { estimated: true }),
    failed: Number(failed),
    lost_ms: rule === ERROR ? 0 : Number(lost),
    first: rfc3339(BigInt(row[9] as bigint | number)),
    last: rfc3339(BigInt(row[10] as bigint | number)),
    spark: (row[13] as unknown[]).map(Number),
    routes: routes.slice(0, MOST_NAMED).map(([service, name]) => ({ service, name })),
    routes_total: routes.length,
    ...(usersTotal > 0 && { user: String(row[16]), users_total: usersTotal }),
    versions: (row[17] as string[] | null) ?? [],
    trace_id: traceId,
    span_id: spanId,
  };
}
