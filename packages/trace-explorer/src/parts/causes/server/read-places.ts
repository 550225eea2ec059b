import { runOf } from '../../../core/runs/read-runs.ts';
import {
  bigint,
  flag,
  list,
  namedColumns,
  number,
  numberOrNone,
  text,
} from '../../../core/store/read/named-columns.ts';
import type { ReadOptions, SpanStore } from '../../../core/store/store.ts';
import { LEAST_NS, LEAST_OF_WORK_NS } from '../../../core/traces/findings/slow-call.ts';
import { POOL_WAIT } from '../../../core/traces/findings/waits/connections.ts';
import { originsSql } from '../../../core/traces/model/error-origins.ts';
import { calledHostSql, cutSql, messageShapeSql } from '../../../core/traces/model/shapes.ts';
import { NAMES } from '../../../core/traces/read/meanings.ts';
import { rfc3339 } from '../../../core/traces/read/rfc3339.ts';
import { rowsAt } from '../../../core/traces/read/rows-at.ts';
import { spanColumns } from '../../../core/traces/read/span-columns.ts';
import type { SpansInRange } from '../../../core/traces/read/spans-in-range.ts';
import { spansInRange } from '../../../core/traces/read/spans-in-range.ts';
import { decides } from '../../../core/traces/read/test-columns.ts';
import type { TimeInterval } from '../../../lib/time/time-range.ts';
import type { CauseKey } from './cause-key.ts';
import { causeId, keyAt, REST } from './cause-key.ts';
import type { Cause, ExactCause } from './schemas.ts';
import { ERROR, MOST_LISTED, MOST_NAMED, SPARK } from './schemas.ts';
import { causeOfKey, errorWords } from './words.ts';

/** The number of causes that are told. */
const MOST = 200;

/** The rules whose spans SQL finds, and counts over all spans of a range. */
export type PlaceRule = typeof ERROR | 'slow-call';

/** The parts of a key in table `keyed`. */
const KEY = {
  service: text('service'),
  name: text('name'),
  kind: text('kind'),
  type: text('type'),
  message: text('message'),
  target: text('target'),
  shape: text('shape'),
};
const KEY_COLUMNS = Object.keys(KEY).join(', ');

/**
 * Reads from table `keyed`: where errors began, or slow calls that no span answers and a service's own slow work, with the parts of
 * their keys. The name of an agent's tool may stand at the span above alone, as `toolOf` says.
 */
function readKeyed(
  store: SpanStore,
  spans: SpansInRange,
  rule: PlaceRule,
  select: string,
  more: readonly unknown[] = [],
) {
  const { kind, parentId, tool: toolName } = spanColumns(store);
  const answers = spans.matching(`${kind} = 'server' AND ${parentId} IS NOT NULL`);
  const isError = rule === ERROR;
  const tables = isError
    ? originsSql(answers)
    : `, slow AS MATERIALIZED (SELECT * FROM s),
  answered AS (SELECT parent AS id FROM ${answers} WHERE parent IN (SELECT id FROM slow))`;
  const from = isError ? 'origins' : 'slow ANTI JOIN answered USING (id)';
  const message = isError ? `CASE WHEN is_said THEN ${messageShapeSql('message')} ELSE status END` : 'NULL';
  const hasTools = NAMES.tool.some(spans.hasField);
  const tool = hasTools ? `coalesce(tool, CASE WHEN starts_with(name, above || '.') THEN used END)` : 'NULL';
  const host = isError ? 'NULL' : `nullif(${calledHostSql('target')}, '')`;
  const unsaid = `coalesce(${host}, CASE WHEN NOT contains(coalesce(name, ''), ${tool}) THEN ${tool} END, '')`;
  const above = `LEFT JOIN (SELECT id AS up, any_value(name) AS above, any_value(tool) AS used FROM ${spans.matching(`${toolName} IS NOT NULL`)} GROUP BY 1) ON up = parent`;
  const keyed = `${tables}, keyed AS (SELECT ${cutSql('service')} AS service, ${cutSql("coalesce(name, '')")} AS name, kind,
    coalesce(${cutSql('problem')}, '') AS type, coalesce(${message}, '') AS message, ${cutSql(unsaid)} AS target,
    ${isError ? "''" : cutSql("coalesce(shape, '')")} AS shape, ${isError ? `CASE WHEN is_said THEN ${cutSql('message')} END` : 'NULL::VARCHAR'} AS said, trace, weight, time, duration, seq, user, version FROM ${from} ${hasTools ? above : ''})`;
  return isError
    ? spans.readThrown(`${keyed}${select}`, hasError(store), more)
    : spans.readMore(`${keyed}${select}`, slowCondition(store), more);
}

/** SQL of the traces of a cause that failed. */
const FAILED = 'coalesce(sum(weight) FILTER (route.failed), 0)';
/** SQL of which causes are told, in their order. */
const FIRST = `ORDER BY ${FAILED} DESC, sum(weight) DESC, sum(lost) DESC, ${KEY_COLUMNS} LIMIT ${MOST}`;

/** What is counted of a cause over all spans of a range, from table `per`, which has one row for each cause and trace. */
function countedColumns({ start, end }: TimeInterval) {
  const part = `CAST(least(${SPARK - 1}, greatest(0, (began - ${start})::HUGEINT * ${SPARK} // ${end - start})) AS INTEGER)`;
  return namedColumns({
    ...KEY,
    traces: number('sum(weight)'),
    estimated: flag('bool_or(weight > 1)'),
    seen: number('count(*)'),
    failed: number(FAILED),
    lostMs: number('sum(lost)'),
    first: bigint('min(began)'),
    last: bigint('max(ended)'),
    worst: number('arg_max(seq, (lost, seq))'),
    newest: number('arg_max(seq, (ended, seq))'),
    /** The traces by part of the range. A filter for each part would take longer to plan than to run. */
    parts: list<{ readonly key: number; readonly value: number }>(`histogram(${part})`),
    routes: list<[string, string]>(
      'list_sort(list(DISTINCT [route.service, route.name]) FILTER (route IS NOT NULL))',
    ),
    said: text("CASE WHEN min(least_said) = max(most_said) THEN min(least_said) ELSE '' END"),
    user: text('mode(user)'),
    users: number('count(DISTINCT user)'),
    versions: list<string>(`list_sort(list(DISTINCT version) FILTER (version IS NOT NULL))[:${MOST_NAMED}]`),
  });
}

type CountedRow = ReturnType<ReturnType<typeof countedColumns>['rowOf']>;

/** Counts over all spans of a range, by cause. `worst` and `newest` are the `_seq` of spans that show it. */
export type CountedSpans = Omit<CountedRow, keyof typeof KEY | 'parts' | 'said'> & {
  /** Of errors: the message of all spans; empty where they differ. */
  readonly said?: string;
  readonly key: CauseKey;
  readonly spark: number[];
};

/**
 * Tables after `keyed`: `begun` has one row for each cause and trace, with where the trace begins. That is its span without a
 * parent, or else its first request, or else the first span that is no call.
 */
function begunSql(store: SpanStore, spans: SpansInRange): string {
  const { kind, parentId } = spanColumns(store);
  const begins = spans.matching(`(${parentId} IS NULL OR ${kind} NOT IN ('client', 'producer'))`);
  return `, per AS MATERIALIZED (SELECT ${KEY_COLUMNS}, trace, max(weight) AS weight, min(time) AS began, max(time) AS ended,
      sum(duration * weight) AS lost, arg_max(seq, (duration, seq)) AS seq, any_value(user) AS user, any_value(version) AS version,
      min(said) AS least_said, max(said) AS most_said
    FROM keyed GROUP BY ALL),
  begins AS (SELECT trace, arg_min({service: service, name: coalesce(name, ''), failed: error},
      (NOT root, kind NOT IN ('server', 'consumer'), time, seq)) AS route
    FROM ${begins} WHERE trace IN (SELECT trace FROM per) GROUP BY 1),
  begun AS MATERIALIZED (SELECT * FROM per LEFT JOIN begins USING (trace))`;
}

/** Counts the spans of a rule by cause, in lists and charts only those that are told: of all they would take too much memory. */
async function countSpans(
  store: SpanStore,
  spans: SpansInRange,
  within: TimeInterval,
  rule: PlaceRule,
): Promise<CountedSpans[]> {
  const columns = countedColumns(within);
  const rows = await readKeyed(
    store,
    spans,
    rule,
    `${begunSql(store, spans)},
  chosen AS (SELECT ${KEY_COLUMNS} FROM begun GROUP BY ALL ${FIRST})
  SELECT ${columns.sql} FROM begun SEMI JOIN chosen USING (${KEY_COLUMNS}) GROUP BY ${KEY_COLUMNS} ${FIRST}`,
  );
  return rows.map((row) => {
    const counted = columns.rowOf(row);
    const spark = new Array<number>(SPARK).fill(0);
    for (const { key, value } of counted.parts) spark[key] = Number(value);
    return { ...counted, spark, key: keyAt(rule, counted, counted) };
  });
}

/** The errors of a range by where they began, counted over all of its spans. */
export async function readErrorCauses(
  store: SpanStore,
  spans: SpansInRange,
  within: TimeInterval,
  options: ReadOptions,
): Promise<ExactCause[]> {
  const some = await spans.read('SELECT 1 FROM s WHERE error LIMIT 1', hasError(store));
  return some.length === 0
    ? []
    : describeCounted(store, await countSpans(store, spans, within, ERROR), options);
}

/** The operations with slow calls, counted over all spans of the range. Their traces say whether an operation is a cause. */
export async function readSlowPlaces(
  store: SpanStore,
  spans: SpansInRange,
  within: TimeInterval,
  options: ReadOptions,
): Promise<ExactCause[]> {
  return describeCounted(store, await countSpans(store, spans, within, 'slow-call'), options);
}

/**
 * The ids of all causes of a rule in a range.
 * @param isCounted whether to count the failed traces of each, which takes longer
 */
export async function readCauseIds(
  store: SpanStore,
  range: TimeInterval,
  rule: PlaceRule,
  options: ReadOptions,
  isCounted = false,
): Promise<[id: string, failed: number | undefined][]> {
  const spans = await spansInRange(store, range, { ...options, share: 'none' });
  const columns = namedColumns({ ...KEY, failed: numberOrNone(isCounted ? FAILED : 'NULL') });
  const from = isCounted ? [begunSql(store, spans), 'begun'] : ['', 'keyed'];
  const rows = await readKeyed(
    store,
    spans,
    rule,
    `${from[0]} SELECT ${columns.sql} FROM ${from[1]} GROUP BY ${KEY_COLUMNS}`,
  );
  return rows.map(columns.rowOf).map((row) => [causeId(keyAt(rule, row, row)), row.failed]);
}

/** The newest traces of a cause that is counted over all spans. */
export async function readCauseTraceIds(
  store: SpanStore,
  { rule, service, name, kind, type, message, target, shape }: CauseKey & { readonly rule: PlaceRule },
  range: TimeInterval,
  options: ReadOptions,
): Promise<string[]> {
  const spans = await spansInRange(store, range, { ...options, share: 'none' });
  const rows = await readKeyed(
    store,
    spans,
    rule,
    ` SELECT arg_max(seq, time), max(time) FROM keyed
    WHERE (${KEY_COLUMNS}) = ($3, $4, $5, $6, $7, $8, CASE WHEN $9 IN ('', '${REST}') THEN shape ELSE $9 END) GROUP BY trace ORDER BY 2 DESC LIMIT ${MOST_LISTED}`,
    [service, name, kind, type, message, target, shape],
  );
  const ids = await readIdsAt(
    store,
    rows.map(([seq]) => Number(seq)),
    options,
  );
  return rows.flatMap(([seq]) => ids.get(Number(seq))?.traceId ?? []);
}

/** The condition of failed spans, which reads one column: most have no such field. Of a test that ran again the last attempt counts. */
function hasError(store: SpanStore): string {
  return `${store.fields().get('error')?.sql ?? 'NULL'} IS NOT NULL AND ${decides(store, runOf(store))}`;
}

/** The spans of a slow call's operation, as a condition on rows. */
function slowCondition(store: SpanStore): string {
  const { duration, kind, error, name, parentId, stalled, hasStatement, waiting } = spanColumns(store);
  // Where a process stood still, or a call waited for a connection, the call itself took less.
  const own = `${duration} - 1e6 * (coalesce(${stalled}, 0) + coalesce(${waiting}, 0))`;
  const isSlow = `${own} >= CASE WHEN ${kind} = 'internal' THEN ${LEAST_OF_WORK_NS} ELSE ${LEAST_NS} END`;
  return `${duration} >= ${LEAST_NS} AND ${isSlow} AND ${kind} IN ('client', 'internal', 'unspecified') AND NOT ${error} AND ${parentId} IS NOT NULL
    AND (${hasStatement} OR NOT regexp_matches(coalesce(${name}, ''), '${POOL_WAIT}', 'i'))`;
}

/** Counted spans as causes, with traces that show them. A span that was evicted in the meantime shows nothing. */
export async function describeCounted(
  store: SpanStore,
  counted: readonly CountedSpans[],
  options: ReadOptions,
): Promise<ExactCause[]> {
  const ids = await readIdsAt(
    store,
    counted.flatMap(({ worst, newest }) => [worst, newest]),
    { ...options, short: true },
  );
  return counted.flatMap((sum) => {
    const examples = [sum.worst, sum.newest].flatMap((seq) => ids.get(seq) ?? []);
    const [shown] = examples;
    if (shown === undefined) return [];
    const { key, routes, lostMs, first, last, user, users, said = '' } = sum;
    const cause: Cause = {
      ...causeOfKey(key),
      ...(key.rule === ERROR && said !== '' && errorWords(key, { message: said })),
      rules: [],
      counted: 'all',
      traces: sum.traces,
      of: 0,
      ...(sum.estimated && { estimated: true, seen: sum.seen }),
      failed: sum.failed,
      lost_ms: key.rule === ERROR ? 0 : lostMs,
      first: rfc3339(first),
      last: rfc3339(last),
      spark: sum.spark,
      routes: routes.slice(0, MOST_NAMED).map(([service, name]) => ({ service, name })),
      routes_total: routes.length,
      ...(users > 0 && { user, users_total: users }),
      versions: [...sum.versions],
      trace_id: shown.traceId,
      span_id: shown.spanId,
    };
    const traceIds = examples.map(({ traceId }) => traceId);
    return { cause, examples: traceIds, ...(said !== '' && { message: said }) };
  });
}

/** The ids of some spans by `_seq`: in a statement of its own, because a joint one would read the ids of all spans. */
async function readIdsAt(
  store: SpanStore,
  sequences: readonly number[],
  options: ReadOptions,
): Promise<ReadonlyMap<number, { readonly traceId: string; readonly spanId: string }>> {
  if (sequences.length === 0) return new Map();
  const c = spanColumns(store);
  const columns = namedColumns({ seq: number('_seq'), traceId: text(c.traceId), spanId: text(c.spanId) });
  const { rows } = await store.read(`SELECT ${columns.sql} FROM ${rowsAt(sequences)}`, [], options);
  return new Map(rows.map(columns.rowOf).map((row) => [row.seq, row]));
}
