import type { Resource, Scope, SimpleValue, Span } from '@tandem/otlp';
import { attributesOf } from '@tandem/otlp';

export function otlpSpan(more: Partial<Span> = {}): Span {
  return {
    traceId: '5759e988bd862e3fe1be46a994272793',
    spanId: 'defdfd9912dc5a56',
    parentSpanId: '',
    traceState: '',
    flags: 1,
    name: 'GET /api/activities/home',
    kind: 2,
    startTimeUnixNano: 1_790_000_000_000_000_000n,
    endTimeUnixNano: 1_790_000_000_250_000_000n,
    attributes: [],
    droppedAttributesCount: 0,
    events: [],
    droppedEventsCount: 0,
    links: [],
    droppedLinksCount: 0,
    statusCode: 0,
    statusMessage: '',
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

export const scope: Scope = {
  name: 'tandem',
  version: '1.0.0',
  attributes: [],
  droppedAttributesCount: 0,
  schemaUrl: '',
  raw: new Uint8Array(),
};
