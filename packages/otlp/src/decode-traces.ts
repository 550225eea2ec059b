import { decodeTracesInParts } from './decode-in-parts.ts';
import type { OtlpEncoding } from './encoding.ts';
import type { DecodeLimits } from './limits.ts';
import type { DecodedTraces, ScopeSpans, Span } from './messages/trace.ts';

/**
 * Reads an ExportTraceServiceRequest in either of OTLP's encodings. A span that cannot be read, or that holds too much,
 * is left out and counted; it costs none of the others. Of protobuf, spans keep views on `bytes`, which must not
 * change afterwards.
 * @throws UndecodableError when anything around the spans is malformed; LimitError when there is too much
 */
export function decodeTraces(
  bytes: Uint8Array,
  encoding: OtlpEncoding,
  limits?: Partial<DecodeLimits>,
): DecodedTraces {
  const parts = [...decodeTracesInParts(bytes, encoding, limits)].filter((part) => part !== undefined);
  const [first] = parts;
  if (first !== undefined && parts.length === 1) return first;
  return {
    scopeSpans: joined(parts),
    spanCount: parts.reduce((sum, { spanCount }) => sum + spanCount, 0),
    rejectedCount: parts.reduce((sum, { rejectedCount }) => sum + rejectedCount, 0),
    rejectedReason: parts.at(-1)?.rejectedReason ?? '',
  };
}

/** A resource and scope whose spans went into several parts are one again. */
function joined(parts: readonly DecodedTraces[]): ScopeSpans[] {
  const all: (Omit<ScopeSpans, 'spans'> & { spans: Span[] })[] = [];
  for (const group of parts.flatMap(({ scopeSpans }) => scopeSpans)) {
    const last = all.at(-1);
    if (last?.resource === group.resource && last.scope === group.scope) {
      for (const span of group.spans) last.spans.push(span);
    } else all.push({ ...group, spans: [...group.spans] });
  }
  return all;
}
