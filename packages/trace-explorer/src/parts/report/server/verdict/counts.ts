import { firstField } from '../../../../core/store/read/field-sql.ts';
import type { ReadOptions, SpanStore } from '../../../../core/store/store.ts';
import { decides, isNoTest } from '../../../../core/tests/read/test-columns.ts';
import { codePlace } from '../../../../core/traces/model/code-place.ts';
import { NAMES } from '../../../../core/traces/read/meanings.ts';
import type { SpanColumns } from '../../../../core/traces/read/span-columns.ts';
import { spanColumns } from '../../../../core/traces/read/span-columns.ts';
import type { RunScope } from '../read-run.ts';
import { spansOf, wasStopped } from '../read-run.ts';

/** Callees that a verdict names. */
const MOST_CALLEES = 3;

/** How many traces, requests and services a run has. */
export async function readTotals(store: SpanStore, scope: RunScope, options: ReadOptions) {
  const c = spanColumns(store);
  const { ofRun, read } = spansOf(store, scope, options);
  const spans = (condition: string) => `count(DISTINCT ${c.spanId}) FILTER (WHERE ${condition})`;
  const isWork = `(${c.kind} IN ('server', 'consumer') OR (${c.parentId} IS NULL AND ${c.kind} NOT IN ('client', 'producer'))) AND ${isNoTest(store)}`;
  const isFailed = `${isWork} AND ${c.error} AND NOT ${wasStopped(store, scope)} AND ${decides(store, "''", ofRun)}`;
  const isRefused = `${c.kind} = 'server' AND ${refusedSql(c)}`;
  const [row = []] = await read(
    `SELECT count(DISTINCT ${c.traceId}), count(DISTINCT ${c.service}), ${spans(`${c.kind} = 'server'`)},
      ${spans(`${c.kind} = 'consumer'`)}, ${spans(isRefused)}, ${spans(isFailed)},
      min(${c.statusCode}) FILTER (WHERE ${isRefused}), max(${c.statusCode}) FILTER (WHERE ${isRefused}),
      coalesce(bool_or(${store.sampleRate()?.sql ?? 'NULL'} > 1), false)
    FROM spans WHERE ${ofRun}`,
  );
  const [traces = 0, services = 0, requests = 0, messages = 0, refused = 0, failed = 0] = row
    .slice(0, 6)
    .map(Number);
  const [least, most, sampled] = row.slice(6);
  const totals = {
    traces,
    services,
    requests,
    messages,
    refused,
    failed,
    ...(sampled === true && { sampled }),
  };
  return { ...totals, ...(typeof least === 'string' && least === most && { refused_with: least }) };
}

/** Whether some spans of a run stand for several. */
export async function isSampled(store: SpanStore, scope: RunScope, options: ReadOptions): Promise<boolean> {
  const rate = store.sampleRate();
  if (rate === undefined) return false;
  const { ofRun, read } = spansOf(store, scope, options);
  return (await read(`SELECT 1 FROM spans WHERE ${ofRun} AND ${rate.sql} > 1 LIMIT 1`)).length > 0;
}

/**
 * Whether an instrumentation of a run had another version in the last one, as after an upgrade: then its spans may tell of what was
 * there before.
 */
export async function isOtherwiseTold(
  store: SpanStore,
  scope: RunScope,
  last: RunScope,
  options: ReadOptions,
): Promise<boolean> {
  const [name, version] = ['library.name', 'library.version'].map((each) => firstField(store.fields(), each));
  const versionsOf = async (of: RunScope) => {
    const { ofRun, read } = spansOf(store, of, options);
    const rows = await read(
      `SELECT ${name}, string_agg(DISTINCT ${version}, ' ' ORDER BY ${version}) FROM spans WHERE ${ofRun} AND ${name} IS NOT NULL GROUP BY 1`,
    );
    return new Map(rows.map(([library, versions]) => [String(library), String(versions ?? '')]));
  };
  const [now, before] = await Promise.all([versionsOf(scope), versionsOf(last)]);
  return [...now].some(([library, versions]) => (before.get(library) ?? versions) !== versions);
}

/** The calls of a run, without the calls below them: of a connection, for example. */
export async function readCalls(store: SpanStore, scope: RunScope, options: ReadOptions) {
  const c = spanColumns(store);
  const { ofRun, read } = spansOf(store, scope, options);
  const fields = store.fields();
  const isCall = `${c.kind} IN ('client', 'producer')`;
  const port = firstField(fields, 'server.port', 'net.peer.port');
  const host = `${firstField(fields, ...NAMES.host)} || coalesce(':' || nullif(${port}, ''), '')`;
  const url = `regexp_extract(${firstField(fields, ...NAMES.url)}, '^[a-z]+://(?:[^/@]*@)?([^/?#]+)', 1)`;
  const calls = `(SELECT _time, ${c.duration} AS ns, ${c.line} AS line, ${c.function} AS called, coalesce(nullif(${url}, ''), ${c.database}, ${host}, ${c.name}) AS callee,
      concat_ws(' ', ${c.name}, ${c.target}) AS what, ${refusedSql(c)} AS refused, ${c.error} AND NOT ${refusedSql(c)} AND NOT ${wasStopped(store, scope)} AS failed,
      coalesce(nullif(${firstField(fields, 'error.type')}, ''), ${c.problem}, ${c.statusMessage}) AS why
    FROM spans WHERE ${ofRun} AND ${isCall} AND coalesce(${c.parentId}, '') NOT IN (SELECT ${c.spanId} FROM spans WHERE ${ofRun} AND ${isCall}))`;
  const [counts = []] = await read(
    `SELECT count(*), count_if(refused), count_if(failed), max(ns) / 1e6 FROM ${calls}`,
  );
  const callees = await read(
    `SELECT callee FROM ${calls} GROUP BY 1 ORDER BY min(_time), 1 LIMIT ${MOST_CALLEES}`,
  );
  const [failure] = await read(
    `SELECT concat_ws(', ', what, why), line, called FROM ${calls} WHERE failed ORDER BY _time LIMIT 1`,
  );
  const [made = 0, refused = 0, failed = 0, slowest_ms = 0] = counts.map(Number);
  const [what, at, called] = failure ?? [];
  return {
    made,
    refused,
    failed,
    slowest_ms,
    to: callees.map(([callee]) => String(callee)),
    ...(failure && { failure: String(what) }),
    ...(typeof at === 'string' && codePlace(at, typeof called === 'string' ? called : undefined)),
  };
}

/** SQL of whether a span was answered with HTTP's 4xx. */
function refusedSql({ statusCode }: SpanColumns): string {
  return `coalesce(regexp_full_match(${statusCode}, '4[0-9]{2}'), false)`;
}
