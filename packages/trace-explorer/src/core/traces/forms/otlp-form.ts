import { resourceLogsToJson, resourceSpansToJson } from '@tandem/otlp';
import type { StoredLog, StoredSpan } from '../read/stored-span.ts';

/** A span as an OTLP JSON export request. */
export function otlpForm({ resource, scope, span }: StoredSpan) {
  return { resourceSpans: [resourceSpansToJson({ resource, scope, spans: [span] })] };
}

/** A log record as an OTLP JSON export request. */
export function otlpLogForm({ resource, scope, record }: StoredLog) {
  return { resourceLogs: [resourceLogsToJson({ resource, scope, logRecords: [record] })] };
}
