import type { ResourceContent, ScopeContent } from '../messages/resource.ts';
import type { SpanContent } from '../messages/trace.ts';
import { resourceToJson, scopeToJson } from './encode-resource.ts';
import { spanToJson } from './encode-span.ts';
import type { JsonMessage } from './without-defaults.ts';

/** Spans of one scope, not encoded yet. */
export interface ScopeSpansContent {
  readonly resource: ResourceContent;
  readonly scope: ScopeContent;
  readonly spans: readonly SpanContent[];
}

/** An ExportTraceServiceRequest in OTLP's JSON encoding, each group under a resource of its own. */
export function tracesToJson(scopeSpans: readonly ScopeSpansContent[]): JsonMessage {
  return { resourceSpans: scopeSpans.map(resourceSpansToJson) };
}

/** The spans of one scope as a ResourceSpans message in OTLP's JSON encoding. */
export function resourceSpansToJson({ resource, scope, spans }: ScopeSpansContent): JsonMessage {
  return {
    resource: resourceToJson(resource),
    scopeSpans: [
      {
        scope: scopeToJson(scope),
        spans: spans.map(spanToJson),
        ...(scope.schemaUrl !== '' && { schemaUrl: scope.schemaUrl }),
      },
    ],
    ...(resource.schemaUrl !== '' && { schemaUrl: resource.schemaUrl }),
  };
}
