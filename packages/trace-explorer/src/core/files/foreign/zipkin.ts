import type { JsonAttribute } from './otlp-json.ts';
import { documentOf, KINDS, keyValue, listOf, nanoseconds, paddedId, statusOf } from './otlp-json.ts';

type Members = { readonly [member: string]: unknown };

/** Tags that become other members of an OTLP span. */
const TAKEN = new Set(['otel.status_code', 'otel.status_description', 'w3c.tracestate']);

/** Whether an object is a span of Zipkin's second API. */
export function isZipkinSpan({ traceId, id }: Members): boolean {
  return typeof traceId === 'string' && typeof id === 'string';
}

/**
 * Spans of Zipkin as OTLP JSON, by OpenTelemetry's mapping to Zipkin read backwards. A span without a time has the time 0.
 * The two sides of a call may have one id (B3's shared spans), as they may in the store.
 */
export function fromZipkin(spans: readonly Members[]): object {
  const services = new Map<string, { resource: JsonAttribute[]; spans: object[] }>();
  for (const span of spans) {
    const name = String(Object(span.localEndpoint).serviceName ?? '');
    const service = services.get(name) ?? { resource: [keyValue('service.name', name)], spans: [] };
    services.set(name, service);
    service.spans.push(spanOf(span));
  }
  return documentOf(services.values());
}

function spanOf(span: Members): object {
  const values = new Map(Object.entries(Object(span.tags)));
  const kept = [...values].filter(([key]) => !TAKEN.has(key));
  return {
    traceId: paddedId(span.traceId, 16),
    spanId: paddedId(span.id, 8),
    parentSpanId: paddedId(span.parentId, 8),
    traceState: values.get('w3c.tracestate'),
    name: span.name ?? '',
    kind: KINDS.get(String(span.kind).toLowerCase()) ?? 1,
    startTimeUnixNano: nanoseconds(span.timestamp),
    endTimeUnixNano: nanoseconds(Number(span.timestamp) + Number(span.duration ?? 0)),
    attributes: [...kept.map(([key, value]) => keyValue(key, value)), ...peer(Object(span.remoteEndpoint))],
    events: listOf(span.annotations).map(({ timestamp, value }) => ({
      timeUnixNano: nanoseconds(timestamp),
      name: String(value),
    })),
    status: statusOf(values),
  };
}

/** The called side in the names of the conventions. */
function peer({ serviceName, ipv4, ipv6, port }: Members): JsonAttribute[] {
  const values = {
    'peer.service': serviceName,
    'network.peer.address': ipv4 ?? ipv6,
    'network.peer.port': port,
  };
  return Object.entries(values).flatMap(([key, value]) =>
    value === undefined ? [] : [keyValue(key, value)],
  );
}
