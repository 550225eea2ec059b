import { resourceToJson, scopeToJson, spanToJson } from '../otlp/encode-json.ts';
import type { Resource, Scope, Span } from '../otlp/types.ts';

interface ResourceSpans {
  readonly resource: Record<string, unknown>;
  readonly scopeSpans: {
    readonly scope: Record<string, unknown>;
    readonly spans: unknown[];
    schemaUrl?: string;
  }[];
  readonly schemaUrl?: string;
}

/** One scope's spans as an element of `resourceSpans` in OTLP's JSON encoding. */
export function otlpForm(resource: Resource, scope: Scope, spans: readonly Span[]): ResourceSpans {
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
