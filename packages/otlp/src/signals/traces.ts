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
  group: (resource, scope, spans) => ({ resource, scope, spans }),
  request: (scopeSpans, spanCount, rejectedCount, rejectedReason) => ({
    scopeSpans,
    spanCount,
    rejectedCount,
    rejectedReason,
  }),
};
