import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** A question as it came, and its answer. */
export interface Question {
  readonly sql: string;
  readonly query: URLSearchParams;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/** Answers a question itself, or leaves it to the usual answers: undefined. */
export type Own = (question: Question) => unknown;

/** Rows as ClickHouse's FORMAT JSONCompact has them. */
export function compact(rows: readonly (readonly unknown[])[]): string {
  const lines = rows.map((row) => `\t\t${JSON.stringify(row)}`).join(',\n');
  return `{\n\t"meta":\n\t[\n\t\t{\n\t\t\t"name": "x",\n\t\t\t"type": "String"\n\t\t}\n\t],\n\n\t"data":\n\t[\n${lines}\n\t],\n\n\t"rows": ${rows.length},\n\n\t"statistics":\n\t{\n\t\t"elapsed": 0.5,\n\t\t"rows_read": 1000,\n\t\t"bytes_read": 2000\n\t}\n}\n`;
}

const COLUMNS =
  `Timestamp TraceId SpanId ParentSpanId TraceState SpanName SpanKind ServiceName ResourceAttributes ScopeName
  ScopeVersion SpanAttributes Duration StatusCode StatusMessage Events.Timestamp Events.Name Events.Attributes
  Links.TraceId Links.SpanId Links.TraceState Links.Attributes`.split(/\s+/);

/** Whether a statement asks for what the engine counts. */
export const isFigures = (sql: string) => sql.includes('quantilesExactInclusive');

export const TRACE = 'a'.repeat(32);

/** A span's row, as `spansSql` asks for it, with the trace's id for its hash. */
export function spanRow(traceId: string, spanId: string, attributes: object = {}): unknown[] {
  const resource = { 'service.name': 'shop' };
  const start = String(BigInt(Date.now() - 600_000) * 1_000_000n);
  return [
    traceId,
    traceId,
    spanId,
    '',
    '',
    'GET /',
    'Server',
    start,
    '1000000',
    'Unset',
    '',
    '',
    '',
    resource,
    attributes,
    [],
    [],
    [],
    [],
    [],
    [],
    [],
  ];
}

/** A small server that speaks ClickHouse's documented HTTP with recorded answers, and keeps what it was asked. */
export async function recordedEngine(t: { teardown(fn: () => unknown): void }, own: Own = () => undefined) {
  const asked: { sql: string; query: URLSearchParams; headers: IncomingMessage['headers'] }[] = [];
  const server = createServer(async (request, response) => {
    const sql = await text(request);
    const query = new URL(request.url ?? '', 'http://engine').searchParams;
    asked.push({ sql, query, headers: request.headers });
    const answer = await own({ sql, query, request, response });
    if (response.headersSent || response.writableEnded || answer === null) return;
    response.end(answer === undefined ? usual(sql) : String(answer));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  return { address: `clickhouse+http://127.0.0.1:${(server.address() as AddressInfo).port}/otel`, asked };
}

/** A table with one trace. */
export function usual(sql: string): string {
  if (sql.includes('system.settings'))
    return compact(['readonly', 'max_execution_time', 'max_rows_to_read'].map((name) => [name, '0', 0]));
  if (sql.includes('system.tables'))
    return compact([
      ['otel_traces', 'MergeTree', 'MergeTree', 'ServiceName, SpanName, toDateTime(Timestamp), Timestamp'],
    ]);
  if (sql.includes('system.columns'))
    return compact(
      COLUMNS.map((name) => [
        'otel_traces',
        name,
        name.endsWith('Attributes') ? 'Map(String, String)' : 'String',
      ]),
    );
  if (isFigures(sql)) return compact([['shop', 'GET /', '7', 1, 0, [1, 1, 1], 1, 1, 1]]);
  if (sql.includes('SELECT kind, toString(key)')) return compact([[2, '8', 1]]);
  if (sql.startsWith('SELECT trace, ')) return compact([[1, TRACE, 2, '1']]);
  if (sql.startsWith('SELECT toString(cityHash64(TraceId)), TraceId, SpanId'))
    return compact([spanRow(TRACE, 'b'.repeat(16))]);
  return compact([]);
}
