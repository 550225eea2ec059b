import type { Attribute, Resource, Scope, Span } from '../../src/otlp/types.ts';
import { ValueKind } from '../../src/otlp/types.ts';

type Simple = string | number | boolean | readonly string[];

/** Attributes in the decoder's form. */
export function attributes(values: Readonly<Record<string, Simple>>): Attribute[] {
  return Object.entries(values).map(([key, value]) => attribute(key, value));
}

function attribute(key: string, value: Simple): Attribute {
  if (typeof value === 'string') return { key, kind: ValueKind.string, value };
  if (typeof value === 'boolean') return { key, kind: ValueKind.boolean, value };
  if (typeof value === 'number') {
    return { key, kind: Number.isInteger(value) ? ValueKind.integer : ValueKind.float, value };
  }
  return { key, kind: ValueKind.array, value: value.map((item) => attribute('', item)) };
}

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
  values: Readonly<Record<string, Simple>> = { 'service.name': 'activities-api' },
): Resource {
  return { attributes: attributes(values), droppedAttributesCount: 0, schemaUrl: '', raw: new Uint8Array() };
}

export const scope: Scope = {
  name: 'tandem',
  version: '1.0.0',
  attributes: [],
  droppedAttributesCount: 0,
  schemaUrl: '',
  raw: new Uint8Array(),
};
