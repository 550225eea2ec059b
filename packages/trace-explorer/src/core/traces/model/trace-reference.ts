/** A trace that a text names; and its span, when the text names one. */
export interface TraceReference {
  readonly traceId: string;
  readonly spanId?: string;
}

const NO_TRACE = '0'.repeat(32);
const NO_SPAN = '0'.repeat(16);

/**
 * Finds the trace in a copied text: an id, a `traceparent`, `traceresponse` or `Server-Timing` header with or without its name,
 * an X-Ray header, or a link to a trace in the explorer, in Honeycomb or in Jaeger. Undefined when there is none.
 */
export function readTraceReference(text: string): TraceReference | undefined {
  const lower = text.toLowerCase();
  // W3C Trace Context: version, trace id, span id, flags. A traceresponse may lack the span id.
  const [, traceId, spanId] =
    /(?<![0-9a-f])[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})?(?![0-9a-f])/u.exec(lower) ?? [];
  if (traceId !== undefined) return reference(traceId, spanId);
  const [, epoch, rest] = /(?<![0-9a-f])1-([0-9a-f]{8})-([0-9a-f]{24})(?![0-9a-f])/u.exec(lower) ?? [];
  if (epoch !== undefined && rest !== undefined) return reference(epoch + rest);
  // An id in the form of a UUID.
  const plain = lower.replace(
    /(?<![0-9a-f-])([0-9a-f]{8})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{12})(?![0-9a-f-])/u,
    '$1$2$3$4$5',
  );
  const [id] =
    /(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])/u.exec(plain) ??
    // The text before a 64-bit id identifies it as a trace id: a span id has as many digits.
    /(?<=\/trace\/|[?&]trace_id=)[0-9a-f]{16}(?![0-9a-f])/u.exec(plain) ??
    [];
  if (id === undefined) return undefined;
  return reference(id, /[?&]span(?:_id)?=([0-9a-f]{16})(?![0-9a-f])/u.exec(lower)?.[1]);
}

function reference(traceId: string, spanId?: string): TraceReference | undefined {
  if (traceId === NO_TRACE) return undefined;
  return { traceId, ...(spanId !== undefined && spanId !== NO_SPAN && { spanId }) };
}
