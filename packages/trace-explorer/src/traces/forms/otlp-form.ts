import { resourceLogsToJson, resourceSpansToJson } from '@tandem/otlp';
import type { StoredLog, StoredSpan } from '../read/stored-span.ts';
import { withDataset } from './dataset-member.ts';

/** A span as an OTLP JSON export request. */
export function otlpForm({ resource, scope, span, dataset }: StoredSpan) {
  const message = resourceSpansToJson({ resource, scope, spans: [span] });
  return { resourceSpans: [withDataset(message, resource, dataset)] };
}

/** A log record as an OTLP JSON export request. */
export function otlpLogForm({ resource, scope, record, dataset }: StoredLog) {
  const message = resourceLogsToJson({ resource, scope, logRecords: [record] });
  return { resourceLogs: [withDataset(message, resource, dataset)] };
}
