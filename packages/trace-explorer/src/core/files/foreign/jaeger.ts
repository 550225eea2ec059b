import type { JsonAttribute } from './otlp-json.ts';
import { documentOf, KINDS, keyValue, listOf, nanoseconds, paddedId, statusOf } from './otlp-json.ts';

type Members = { readonly [member: string]: unknown };

/** Tags that become other members of an OTLP span. */
const TAKEN = new Set(['span.kind', 'otel.status_code', 'otel.status_description', 'w3c.tracestate']);

/** Whether an object is a trace as Jaeger's page saves it and `/api/traces` answers it. */
export function isJaegerTrace({ traceID, spans }: Members): boolean {
  return typeof traceID === 'string' && Array.isArray(spans);
}

/** A trace of Jaeger's page as OTLP JSON, by the rules of OpenTelemetry's mapping to Jaeger read backwards. */
export function fromJaeger(trace: Members): object {
  const processes = new Map(Object.entries(Object(trace.processes)));
  const services = new Map<unknown, { resource: JsonAttribute[]; spans: object[] }>();
  for (const span of listOf(trace.spans)) {
    const process: Members = Object(span.process ?? processes.get(String(span.processID)));
    const key = span.process === undefined ? span.processID : process;
    let service = services.get(key);
    if (service === undefined) {
      const name = keyValue('service.name', process.serviceName ?? '');
      service = { resource: [name, ...listOf(process.tags).map(tag)], spans: [] };
      services.set(key, service);
    }
    service.spans.push(spanOf(span));
  }
  return documentOf(services.values());
}

function spanOf(span: Members): object {
  const tags = listOf(span.tags);
  const values = new Map(tags.map(({ key, value }) => [String(key), value]));
  const references = listOf(span.references);
  const parent = references.find(
    ({ refType, traceID }) => refType === 'CHILD_OF' && traceID === span.traceID,
  );
  const kept = tags.filter(
    ({ key, value }) => !TAKEN.has(String(key)) && !(key === 'error' && value === true),
  );
  return {
    traceId: paddedId(span.traceID, 16),
    spanId: paddedId(span.spanID, 8),
    parentSpanId: paddedId(parent?.spanID ?? span.parentSpanID, 8),
    traceState: values.get('w3c.tracestate'),
    name: span.operationName,
    kind: KINDS.get(values.get('span.kind')),
    startTimeUnixNano: nanoseconds(span.startTime),
    endTimeUnixNano: nanoseconds(Number(span.startTime) + Number(span.duration)),
    attributes: kept.map(tag),
    events: listOf(span.logs).map(event),
    links: references
      .filter((reference) => reference !== parent)
      .map(({ traceID, spanID }) => ({ traceId: paddedId(traceID, 16), spanId: paddedId(spanID, 8) })),
    status: statusOf(values),
  };
}

function tag({ key, type, value }: Members): JsonAttribute {
  if (type === 'binary') return { key: String(key), value: { bytesValue: value } };
  if (type === 'int64') return { key: String(key), value: { intValue: String(value) } };
  if (type === 'float64') return { key: String(key), value: { doubleValue: value } };
  return keyValue(key, value);
}

/** A line of a span's log. Its field `event` is the event's name. */
function event({ timestamp, fields }: Members): object {
  const all = listOf(fields);
  const name = all.find(({ key }) => key === 'event');
  return {
    timeUnixNano: nanoseconds(timestamp),
    name: String(name?.value ?? 'log'),
    attributes: all.filter((field) => field !== name).map(tag),
  };
}
