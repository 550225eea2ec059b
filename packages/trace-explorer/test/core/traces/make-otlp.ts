import type { Resource, SimpleValue, Span } from '@tandem/otlp';
import { attributesOf } from '@tandem/otlp';
import { BARE_SPAN } from '@tandem/otlp/testing';

export function otlpSpan(more: Partial<Span> = {}): Span {
  return {
    ...BARE_SPAN,
    traceId: '5759e988bd862e3fe1be46a994272793',
    spanId: 'defdfd9912dc5a56',
    parentSpanId: '',
    flags: 1,
    name: 'GET /api/activities/home',
    kind: 2,
    startTimeUnixNano: 1_790_000_000_000_000_000n,
    endTimeUnixNano: 1_790_000_000_250_000_000n,
    raw: new Uint8Array(),
    ...more,
  };
}

export function resource(
  values: Readonly<Record<string, SimpleValue>> = { 'service.name': 'activities-api' },
): Resource {
  return {
    attributes: attributesOf(values),
    droppedAttributesCount: 0,
    schemaUrl: '',
    raw: new Uint8Array(),
  };
}
