import { createHash } from 'node:crypto';
import type { Attribute, LogRecordContent, ResourceContent, ScopeContent, SpanContent } from '@tandem/otlp';
import { encodeLogRecord, encodeResource, encodeScope, encodeSpan, ValueKind } from '@tandem/otlp';

/** Equal for spans or log records of equal content, whatever encoding or order of attributes brought them. */
export function contentHash(item: SpanContent | LogRecordContent): string {
  const attributes = sorted(item.attributes);
  if (!('events' in item)) {
    const body = sorted([item.body])[0] ?? item.body;
    return md5(encodeLogRecord({ ...item, body, attributes }));
  }
  const events = item.events.map((event) => ({ ...event, attributes: sorted(event.attributes) }));
  const links = item.links.map((link) => ({ ...link, attributes: sorted(link.attributes) }));
  return md5(encodeSpan({ ...item, attributes, events, links }));
}

/** Equal for equal resources and scopes. */
export function sourceHash(resource: ResourceContent, scope: ScopeContent): string {
  const from = encodeResource({ ...resource, attributes: sorted(resource.attributes) });
  const by = encodeScope({ ...scope, attributes: sorted(scope.attributes) });
  return [md5(from), md5(by), resource.schemaUrl, scope.schemaUrl].join(' ');
}

/** By key, as a map has no order; of equal keys the order stays. Lists stay as they are. */
function sorted(attributes: readonly Attribute[]): Attribute[] {
  const inner = attributes.map((attribute) =>
    attribute.kind === ValueKind.map && Array.isArray(attribute.value)
      ? { ...attribute, value: sorted(attribute.value) }
      : attribute,
  );
  return inner.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
}

function md5(bytes: Uint8Array): string {
  return createHash('md5').update(bytes).digest('base64');
}
