import type { ProblemKey } from '../../../core/problems/problem-key.ts';
import { callKey, ERROR, errorKey, partsOfKey, problemId } from '../../../core/problems/problem-key.ts';
import type { Cause } from '../../../core/problems/schemas.ts';
import { MOST_NAMED, SPARK } from '../../../core/problems/schemas.ts';
import { causeOfKey, errorWords } from '../../../core/problems/sentence.ts';
import {
  bigint,
  flag,
  list,
  namedColumns,
  number,
  numberOrNone,
  text,
} from '../../../core/store/read/named-columns.ts';
import { rowsAt } from '../../../core/store/read/rows-at.ts';
import type { ReadOptions, SpanStore } from '../../../core/store/store.ts';
import { spanColumns } from '../../../core/traces/read/span-columns.ts';
import type { SpansInRange } from '../../../core/traces/read/spans-in-range.ts';
import { spansInRange } from '../../../core/traces/read/spans-in-range.ts';
import { rfc3339 } from '../../../lib/time/rfc3339.ts';
import type { TimeInterval } from '../../../lib/time/time-range.ts';
import type { PlaceRule } from './places/keyed-spans.ts';
import { hasError, KEY, KEY_COLUMNS, readKeyed } from './places/keyed-spans.ts';
import type { ExactCause } from './schemas.ts';
import { MOST_LISTED } from './schemas.ts';

/** The number of causes that are told. */
const MOST = 200;

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
  readonly key: ProblemKey;
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
    return { ...counted, spark, key: keyOfRow(rule, counted) };
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
  return rows.map(columns.rowOf).map((row) => [problemId(keyOfRow(rule, row)), row.failed]);
}

function keyOfRow(rule: PlaceRule, row: Readonly<Record<keyof typeof KEY, string>>): ProblemKey {
  return rule === ERROR ? errorKey(row, row) : callKey(rule, row);
}

/** The newest traces of a cause that is counted over all spans. */
export async function readCauseTraceIds(
  store: SpanStore,
  key: ProblemKey,
  rule: PlaceRule,
  range: TimeInterval,
  options: ReadOptions,
): Promise<string[]> {
  const { service, name, kind, type, message, target, shape } = partsOfKey(key);
  const spans = await spansInRange(store, range, { ...options, share: 'none' });
  const rows = await readKeyed(
    store,
    spans,
    rule,
    ` SELECT arg_max(seq, time), max(time) FROM keyed
    WHERE (${KEY_COLUMNS}) = ($3, $4, $5, $6, $7, $8, coalesce(CAST($9 AS VARCHAR), shape)) GROUP BY trace ORDER BY 2 DESC LIMIT ${MOST_LISTED}`,
    [service, name, kind, type, message, target, 'isRest' in key ? null : shape],
  );
  const ids = await readIdsAt(
    store,
    rows.map(([seq]) => Number(seq)),
    options,
  );
  return rows.flatMap(([seq]) => ids.get(Number(seq))?.traceId ?? []);
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
