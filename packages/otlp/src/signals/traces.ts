import { invalidSpanReason } from '../ids.ts';
import { readSpan as readSpanFromJson } from '../json/decode-span.ts';
import type { DecodedTraces, ScopeSpans, Span } from '../messages/trace.ts';
import { readSpan } from '../protobuf/decode-span.ts';
import { encodeSpan } from '../protobuf/encode-span.ts';
import type { Signal } from './signal.ts';

export const traces: Signal<Span, ScopeSpans, DecodedTraces> = {
  name: 'trace',
  item: 'span',
  itemValues: 'events, links, attributes and values',
  lists: { resources: 'resourceSpans', scopes: 'scopeSpans', items: 'spans' },
  readProtobuf: readSpan,
  readJson(fields) {
    const content = readSpanFromJson(fields);
    return { ...content, raw: encodeSpan(content) };
  },
  invalidReason: ({ traceId, spanId }) => invalidSpanReason(traceId, spanId),
  furtherRows: ({ events, links, name }) => ({ count: events.length + links.length, bytes: name.length }),
  group: (resource, scope, spans, label) => ({
    resource,
    scope,
    spans,
    ...(label !== undefined && { label }),
  }),
  request: (scopeSpans, spanCount, rejectedCount, rejectedReason) => ({
    scopeSpans,
    spanCount,
    rejectedCount,
    rejectedReason,
  }),
};
