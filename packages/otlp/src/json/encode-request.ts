import type { LogRecordContent } from '../messages/logs.ts';
import type { ResourceContent, ScopeContent } from '../messages/resource.ts';
import type { SpanContent } from '../messages/trace.ts';
import { logRecordToJson } from './encode-log-record.ts';
import { resourceToJson, scopeToJson } from './encode-resource.ts';
import { spanToJson } from './encode-span.ts';
import type { JsonMessage } from './without-defaults.ts';

interface GroupContent {
  readonly resource: ResourceContent;
  readonly scope: ScopeContent;
}

/** Spans of one scope, not encoded yet. */
export interface ScopeSpansContent extends GroupContent {
  readonly spans: readonly SpanContent[];
}

/** Log records of one scope, not encoded yet. */
export interface ScopeLogsContent extends GroupContent {
  readonly logRecords: readonly LogRecordContent[];
}

/** An ExportTraceServiceRequest in OTLP's JSON encoding, each group under a resource of its own. */
export function tracesToJson(scopeSpans: readonly ScopeSpansContent[]): JsonMessage {
  return { resourceSpans: scopeSpans.map(resourceSpansToJson) };
}

/** An ExportLogsServiceRequest in OTLP's JSON encoding, each group under a resource of its own. */
export function logsToJson(scopeLogs: readonly ScopeLogsContent[]): JsonMessage {
  return { resourceLogs: scopeLogs.map(resourceLogsToJson) };
}

/** The spans of one scope as a ResourceSpans message in OTLP's JSON encoding. */
export function resourceSpansToJson(group: ScopeSpansContent): JsonMessage {
  return groupToJson(group, 'scopeSpans', { spans: group.spans.map(spanToJson) });
}

/** The records of one scope as a ResourceLogs message in OTLP's JSON encoding. */
export function resourceLogsToJson(group: ScopeLogsContent): JsonMessage {
  return groupToJson(group, 'scopeLogs', { logRecords: group.logRecords.map(logRecordToJson) });
}

function groupToJson({ resource, scope }: GroupContent, list: string, items: JsonMessage): JsonMessage {
  const schema = ({ schemaUrl }: { schemaUrl: string }) => schemaUrl !== '' && { schemaUrl };
  return {
    resource: resourceToJson(resource),
    [list]: [{ scope: scopeToJson(scope), ...items, ...schema(scope) }],
    ...schema(resource),
  };
}
