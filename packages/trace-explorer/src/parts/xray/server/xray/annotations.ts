import type { PlainValue } from '../../../../core/traces/forms/plain-value.ts';
import type { AttributeReader } from './attribute-reader.ts';

/** Limits of X-Ray: annotations of a trace, characters of a key and of a value. */
const MAX_ANNOTATIONS = 50;
const MAX_KEY = 500;
const MAX_VALUE = 1000;

/** The attribute that names the annotations of a span, as in X-Ray's exporter of OpenTelemetry's Collector. */
const ANNOTATIONS = 'aws.xray.annotations';

/**
 * Attributes that become annotations when a span names none. People search for traces by these attributes. X-Ray indexes
 * fifty annotations of a trace, so most attributes must be metadata. This list equals `indexed_attributes` in
 * deploy/collector/backends/xray.yaml, because the exporter there knows no wildcard.
 */
export const INDEXED_ATTRIBUTES: readonly string[] = [
  ...['user.id', 'app.degraded', 'app.degraded_reason', 'app.now', 'app.result_length', 'app.shed_reason'],
  ...['app.user_lookup.circuit_state', 'http.route', 'http.request.method', 'http.response.status_code'],
  ...['url.path', 'error.type', 'rpc.method', 'db.system.name', 'db.namespace', 'db.operation.name'],
  'messaging.destination.name',
];

/** Prefix of resource attributes, in the exporter's list and in the document. */
const RESOURCE_PREFIX = 'otel.resource.';

/**
 * Splits attributes into annotations, which X-Ray indexes, and metadata. A key keeps letters, digits, underscores and dots.
 * When two keys become equal, the first one gets the key.
 * @param resource attributes of the resource, under keys `otel.resource.NAME`; undefined for a subsegment
 */
export function annotate(
  attributes: AttributeReader,
  resource: AttributeReader | undefined,
): {
  annotations: { [key: string]: PlainValue };
  rest: { [key: string]: PlainValue };
} {
  const named = attributes.take(ANNOTATIONS);
  const chosen = Array.isArray(named) ? named.filter((key) => typeof key === 'string') : [];
  const resourceAttributes = new Map<string, PlainValue>();
  for (const [key, value] of resource?.remaining() ?? [])
    resourceAttributes.set(RESOURCE_PREFIX + key, value);
  const annotations = new Map<string, PlainValue>();
  for (const key of [...chosen, ...INDEXED_ATTRIBUTES]) {
    const value = attributes.sent(key) ?? resourceAttributes.get(key);
    const allowed = key.replace(/[^A-Za-z0-9_.]/g, '_').slice(0, MAX_KEY);
    const fits = annotations.size < MAX_ANNOTATIONS && allowed !== '' && !annotations.has(allowed);
    if (!fits || value === undefined || !isIndexable(value)) continue;
    annotations.set(allowed, value);
    attributes.take(key);
    resourceAttributes.delete(key);
  }
  return {
    annotations: Object.fromEntries(annotations),
    rest: Object.fromEntries([...resourceAttributes, ...attributes.remaining()]),
  };
}

function isIndexable(value: PlainValue): boolean {
  if (typeof value === 'string') return value.length <= MAX_VALUE;
  return typeof value === 'number' || typeof value === 'boolean';
}
