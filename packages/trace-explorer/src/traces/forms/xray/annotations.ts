import type { PlainValue } from '../plain-value.ts';
import type { AttributeReader } from './attribute-reader.ts';

/** Limits of X-Ray: annotations of a trace, characters of a key and of a value. */
const MAX_ANNOTATIONS = 50;
const MAX_KEY = 500;
const MAX_VALUE = 1000;

/** Names the attributes of a span that are to be annotations, as X-Ray's exporter in OpenTelemetry's Collector has it. */
const ANNOTATIONS = 'aws.xray.annotations';

/**
 * Attributes that are annotations where a span names none itself: what traces are searched by. X-Ray indexes fifty
 * annotations of a trace, so most attributes have to be metadata. They are the `indexed_attributes` of
 * deploy/collector/backends/xray.yaml, which has to list them: its exporter knows no wildcard.
 */
export const INDEXED_ATTRIBUTES: readonly string[] = [
  'user.id',
  'app.degraded',
  'app.degraded_reason',
  'app.now',
  'app.result_length',
  'app.shed_reason',
  'app.user_lookup.circuit_state',
  'http.route',
  'http.request.method',
  'http.response.status_code',
  'url.path',
  'error.type',
  'rpc.method',
  'db.system.name',
  'db.namespace',
  'db.operation.name',
  'messaging.destination.name',
];

/** Prefix of resource attributes, in the exporter's list and in the document. */
const RESOURCE_PREFIX = 'otel.resource.';

/**
 * Splits attributes into annotations, which X-Ray indexes, and the rest for the metadata. A key keeps letters, digits,
 * underscores and dots; when two keys become one, the first has it.
 * @param resource attributes of the resource, which are there under `otel.resource.NAME`; undefined for a subsegment,
 *   which has none
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
  const ofResource = new Map<string, PlainValue>();
  for (const [key, value] of resource?.remaining() ?? []) ofResource.set(RESOURCE_PREFIX + key, value);
  const annotations = new Map<string, PlainValue>();
  for (const key of [...chosen, ...INDEXED_ATTRIBUTES]) {
    const value = attributes.sent(key) ?? ofResource.get(key);
    const allowed = key.replace(/[^A-Za-z0-9_.]/g, '_').slice(0, MAX_KEY);
    const fits = annotations.size < MAX_ANNOTATIONS && allowed !== '' && !annotations.has(allowed);
    if (!fits || value === undefined || !isIndexable(value)) continue;
    annotations.set(allowed, value);
    attributes.take(key);
    ofResource.delete(key);
  }
  return {
    annotations: Object.fromEntries(annotations),
    rest: Object.fromEntries([...ofResource, ...attributes.remaining()]),
  };
}

function isIndexable(value: PlainValue): boolean {
  if (typeof value === 'string') return value.length <= MAX_VALUE;
  return typeof value === 'number' || typeof value === 'boolean';
}
