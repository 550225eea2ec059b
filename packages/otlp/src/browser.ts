// For browsers: messages in memory, and OTLP's JSON encoding of them.
export { logRecordToJson } from './json/encode-log-record.ts';
export type { ScopeLogsContent, ScopeSpansContent } from './json/encode-request.ts';
export { logsToJson, resourceLogsToJson, resourceSpansToJson, tracesToJson } from './json/encode-request.ts';
export { resourceToJson, scopeToJson } from './json/encode-resource.ts';
export { spanToJson } from './json/encode-span.ts';
export type { JsonMessage } from './json/without-defaults.ts';
export type { Attribute, SimpleValue } from './messages/attributes.ts';
export { attributesOf, ValueKind } from './messages/attributes.ts';
export type { DecodedLogs, LogRecord, LogRecordContent, ScopeLogs } from './messages/logs.ts';
export type { Resource, ResourceContent, Scope, ScopeContent } from './messages/resource.ts';
export type {
  DecodedTraces,
  ScopeSpans,
  Span,
  SpanContent,
  SpanEvent,
  SpanLink,
} from './messages/trace.ts';
