import type { ReadOptions, SpanStore } from '../../../../core/store/store.ts';
import { readCodeLocations } from '../../../../core/traces/read/code-location.ts';
import { firstField } from '../../../../core/traces/read/field-sql.ts';
import { NAMES } from '../../../../core/traces/read/meanings.ts';
import { spanColumns } from '../../../../core/traces/read/span-columns.ts';
import type { RunScope } from '../read-run.ts';
import { spansOf } from '../read-run.ts';

/** Callees that a verdict names. */
const MOST_CALLEES = 3;

/** How many traces, requests and services a run has. */
export async function readTotals(store: SpanStore, scope: RunScope, options: ReadOptions) {
  const c = spanColumns(store);
  const { ofRun, read } = spansOf(store, scope, options);
  const spans = (condition: string) => `count(DISTINCT ${c.spanId}) FILTER (WHERE ${condition})`;
  const isWork = `(${c.kind} IN ('server', 'consumer') OR (${c.parentId} IS NULL AND ${c.kind} NOT IN ('client', 'producer')))`;
  const isRefused = `${c.kind} = 'server' AND starts_with(${c.statusCode}, '4')`;
  const [row = []] = await read(
    `SELECT count(DISTINCT ${c.traceId}), count(DISTINCT ${c.service}), ${spans(`${c.kind} = 'server'`)},
      ${spans(`${c.kind} = 'consumer'`)}, ${spans(isRefused)}, ${spans(`${isWork} AND ${c.error}`)},
      min(${c.statusCode}) FILTER (WHERE ${isRefused}), max(${c.statusCode}) FILTER (WHERE ${isRefused})
    FROM spans WHERE ${ofRun}`,
  );
  const [traces = 0, services = 0, requests = 0, messages = 0, refused = 0, failed = 0] = row
    .slice(0, 6)
    .map(Number);
  const [least, most] = row.slice(6);
  const totals = { traces, services, requests, messages, refused, failed };
  return { ...totals, ...(typeof least === 'string' && least === most && { refused_with: least }) };
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
  const rows = await read(
    `SELECT ${c.spanId}, coalesce(nullif(${url}, ''), ${c.database}, ${host}, ${c.name}), ${c.name}, ${c.target},
      ${c.error} AND NOT starts_with(coalesce(${c.statusCode}, ''), '4'), starts_with(coalesce(${c.statusCode}, ''), '4'),
      coalesce(nullif(${firstField(fields, 'error.type')}, ''), ${c.problem}, ${c.statusMessage}, '')
    FROM spans WHERE ${ofRun} AND ${isCall} AND coalesce(${c.parentId}, '') NOT IN (SELECT ${c.spanId} FROM spans WHERE ${ofRun} AND ${isCall})
    ORDER BY _time`,
  );
  const failures = rows.filter(([, , , , failed]) => failed);
  const [id, , name, target, , , why] = failures[0] ?? [];
  const place = id === undefined ? undefined : (await readCodeLocations(store, [String(id)], options)).get(String(id));
  const what = [name, target].filter(Boolean).join(' ');
  return {
    made: rows.length,
    refused: rows.filter(([, , , , , refused]) => refused).length,
    failed: failures.length,
    to: [...new Set(rows.map(([, callee]) => String(callee)))].slice(0, MOST_CALLEES),
    ...(id !== undefined && { failure: [what, why].filter(Boolean).join(', ') }),
    ...(place && { file: place.file, ...(place.line !== undefined && { line: place.line }) }),
  };
}
