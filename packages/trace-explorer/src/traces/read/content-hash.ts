import { createHash } from 'node:crypto';
import type { Attribute, LogRecordContent, ResourceContent, ScopeContent, SpanContent } from '@tandem/otlp';
import { encodeLogRecord, encodeResource, encodeScope, encodeSpan, ValueKind } from '@tandem/otlp';
import { nextTurn } from '../../shared/next-turn.ts';

/** Bytes that are hashed before others get their turn: some 6 ms. */
const SLICE_BYTES = 4 * 1024 * 1024;

/** Equal for spans of equal content, whatever encoding or order of attributes brought them. */
export function spanHash(span: SpanContent): string {
  return md5(sortedSpan(span));
}

/** The same of a span or a log record, one step for each turn of the event loop where it is large. */
export async function hashInTurns(item: SpanContent | LogRecordContent): Promise<string> {
  const bytes = 'events' in item ? sortedSpan(item) : sortedLog(item);
  if (bytes.byteLength <= SLICE_BYTES) return md5(bytes);
  const hash = createHash('md5');
  for (let from = 0; from < bytes.byteLength; from += SLICE_BYTES) {
    await nextTurn();
    hash.update(bytes.subarray(from, from + SLICE_BYTES));
  }
  return hash.digest('base64');
}

function sortedSpan(span: SpanContent): Uint8Array {
  const events = span.events.map((event) => ({ ...event, attributes: sorted(event.attributes) }));
  const links = span.links.map((link) => ({ ...link, attributes: sorted(link.attributes) }));
  return encodeSpan({ ...span, attributes: sorted(span.attributes), events, links });
}

function sortedLog(record: LogRecordContent): Uint8Array {
  const body = sorted([record.body])[0] ?? record.body;
  return encodeLogRecord({ ...record, body, attributes: sorted(record.attributes) });
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
