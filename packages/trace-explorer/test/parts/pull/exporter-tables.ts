import type { PlainAttributes, PlainLogRecord, PlainSpan, PlainValue } from '@tandem/otlp/testing';

/** The forms of the tables: by the exporter's versions, and with columns of type JSON. */
export type Form = '0.150' | '0.165' | 'json';
export const FORMS: readonly Form[] = ['0.150', '0.165', 'json'];

const KINDS = ['Unspecified', 'Internal', 'Server', 'Client', 'Producer', 'Consumer'];
const STATUSES = ['Unset', 'Ok', 'Error'];

/** The exporter's tables in database `otel`, as the columns of that version are. */
export function createTables(form: Form): readonly string[] {
  const map = form === 'json' ? 'JSON' : 'Map(LowCardinality(String), String)';
  const zstd = 'CODEC(ZSTD(1))';
  const delta = form === '0.150' ? 'CODEC(Delta, ZSTD(1))' : 'CODEC(Delta(8), ZSTD(1))';
  const keys = (...of: readonly string[]) =>
    form === 'json' ? of.map((name) => `${name}Keys Array(LowCardinality(String)) ${zstd},`).join(' ') : '';
  const order = {
    '0.150': [
      'toDate(TimestampTime)',
      '(ServiceName, TimestampTime)',
      '(ServiceName, TimestampTime, Timestamp)',
    ],
    '0.165': [
      'toDate(Timestamp)',
      '(toStartOfFiveMinutes(Timestamp), ServiceName)',
      '(toStartOfFiveMinutes(Timestamp), ServiceName, Timestamp)',
    ],
    json: [
      'toDate(Timestamp)',
      '(ServiceName, toDateTime(Timestamp))',
      '(ServiceName, toDateTime(Timestamp), Timestamp)',
    ],
  }[form];
  return [
    'CREATE DATABASE IF NOT EXISTS otel',
    `CREATE TABLE otel.otel_traces (
      Timestamp DateTime64(9) ${delta}, TraceId String ${zstd}, SpanId String ${zstd}, ParentSpanId String ${zstd},
      TraceState String ${zstd}, SpanName LowCardinality(String) ${zstd}, SpanKind LowCardinality(String) ${zstd},
      ServiceName LowCardinality(String) ${zstd}, ResourceAttributes ${map} ${zstd}, ${keys('ResourceAttributes')}
      ScopeName String ${zstd}, ScopeVersion String ${zstd}, SpanAttributes ${map} ${zstd}, ${keys('SpanAttributes')}
      Duration UInt64 ${zstd}, StatusCode LowCardinality(String) ${zstd}, StatusMessage String ${zstd},
      Events Nested (Timestamp DateTime64(9), Name LowCardinality(String), Attributes ${map}) ${zstd},
      Links Nested (TraceId String, SpanId String, TraceState String, Attributes ${map}) ${zstd},
      INDEX idx_trace_id TraceId TYPE bloom_filter(0.001) GRANULARITY 1, INDEX idx_duration Duration TYPE minmax GRANULARITY 1
    ) ENGINE = MergeTree() PARTITION BY toDate(Timestamp) ORDER BY (ServiceName, SpanName, toDateTime(Timestamp), Timestamp)
    SETTINGS index_granularity = 8192, ttl_only_drop_parts = 1`,
    `CREATE TABLE otel.otel_logs (
      Timestamp DateTime64(9) ${delta}, ${form === '0.150' ? 'TimestampTime DateTime DEFAULT toDateTime(Timestamp),' : ''}
      TraceId String ${zstd}, SpanId String ${zstd}, TraceFlags UInt8, SeverityText LowCardinality(String) ${zstd},
      SeverityNumber UInt8, ServiceName LowCardinality(String) ${zstd}, Body String ${zstd},
      ResourceSchemaUrl LowCardinality(String) ${zstd}, ResourceAttributes ${map} ${zstd}, ${keys('ResourceAttributes')}
      ScopeSchemaUrl LowCardinality(String) ${zstd}, ScopeName String ${zstd}, ScopeVersion LowCardinality(String) ${zstd},
      ScopeAttributes ${map} ${zstd}, LogAttributes ${map} ${zstd}, ${keys('LogAttributes')} EventName String ${zstd},
      INDEX idx_trace_id TraceId TYPE bloom_filter(0.001) GRANULARITY 1
    ) ENGINE = MergeTree() PARTITION BY ${order[0]} PRIMARY KEY ${order[1]} ORDER BY ${order[2]}
    SETTINGS index_granularity = 8192, ttl_only_drop_parts = 1`,
  ];
}

/** A statement that writes spans as the exporter does. */
export function insertSpans(spans: readonly PlainSpan[], form: Form): string {
  const each = (attributes: PlainAttributes | undefined) => columnOf(attributes ?? {}, form);
  const rows = spans.map((span) => {
    const start = span.start ?? 0n;
    const took = span.end === undefined ? BigInt(Math.round((span.durationMs ?? 1) * 1e6)) : span.end - start;
    return {
      Timestamp: timeOf(start),
      TraceId: span.traceId ?? '',
      SpanId: span.spanId ?? '',
      ParentSpanId: span.parentSpanId ?? '',
      TraceState: span.traceState ?? '',
      SpanName: span.name ?? 'span',
      SpanKind: KINDS[span.kind ?? 1],
      ServiceName: span.service ?? 'test-service',
      ResourceAttributes: each({ 'service.name': span.service ?? 'test-service', ...span.resource }),
      ScopeName: span.scope?.name ?? '',
      ScopeVersion: span.scope?.version ?? '',
      SpanAttributes: each(span.attributes),
      Duration: String(BigInt.asUintN(64, took)),
      StatusCode: STATUSES[span.status ?? 0],
      StatusMessage: span.statusMessage ?? '',
      'Events.Timestamp': (span.events ?? []).map(({ time }) => timeOf(time ?? start)),
      'Events.Name': (span.events ?? []).map(({ name }) => name),
      'Events.Attributes': (span.events ?? []).map(({ attributes }) => each(attributes)),
      'Links.TraceId': (span.links ?? []).map(({ traceId }) => traceId),
      'Links.SpanId': (span.links ?? []).map(({ spanId }) => spanId),
      'Links.TraceState': (span.links ?? []).map(() => ''),
      'Links.Attributes': (span.links ?? []).map(({ attributes }) => each(attributes)),
    };
  });
  return `INSERT INTO otel.otel_traces FORMAT JSONEachRow\n${rows.map((row) => JSON.stringify(row)).join('\n')}`;
}

/** A statement that writes log records as the exporter does. */
export function insertLogs(records: readonly PlainLogRecord[], form: Form): string {
  const rows = records.map((record) => ({
    Timestamp: timeOf(record.time ?? 0n),
    TraceId: record.traceId ?? '',
    SpanId: record.spanId ?? '',
    TraceFlags: record.flags ?? 0,
    SeverityText: record.severityText ?? '',
    SeverityNumber: record.severity ?? 9,
    ServiceName: record.service ?? 'test-service',
    Body: asString(record.body ?? ''),
    ResourceAttributes: columnOf(
      { 'service.name': record.service ?? 'test-service', ...record.resource },
      form,
    ),
    ScopeName: record.scope?.name ?? '',
    ScopeVersion: record.scope?.version ?? '',
    LogAttributes: columnOf(record.attributes ?? {}, form),
    EventName: record.eventName ?? '',
  }));
  return `INSERT INTO otel.otel_logs FORMAT JSONEachRow\n${rows.map((row) => JSON.stringify(row)).join('\n')}`;
}

function columnOf(attributes: PlainAttributes, form: Form): object {
  const entries = Object.entries(attributes);
  return Object.fromEntries(
    entries.map(([key, value]) => [key, form === 'json' ? raw(value) : asString(value)]),
  );
}

/** Seconds and nanoseconds, which ClickHouse reads in any time zone. */
function timeOf(time: bigint): string {
  return `${time / 1_000_000_000n}.${String(time % 1_000_000_000n).padStart(9, '0')}`;
}

/** As the Collector's AsString. */
function asString(value: PlainValue): string {
  if (typeof value === 'string') return value;
  if (value === null) return '';
  if (typeof value !== 'object') return String(value);
  if ('float' in value) return String(value.float);
  return value instanceof Uint8Array ? Buffer.from(value).toString('base64') : JSON.stringify(raw(value));
}

/** As the Collector's AsRaw. */
function raw(value: PlainValue): unknown {
  if (Array.isArray(value)) return value.map(raw);
  if (typeof value === 'bigint') return Number(value);
  if (value === null || typeof value !== 'object') return value;
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if ('float' in value) return value.float;
  return Object.fromEntries(
    Object.entries(Object(value).map).map(([key, each]) => [key, raw(each as PlainValue)]),
  );
}
