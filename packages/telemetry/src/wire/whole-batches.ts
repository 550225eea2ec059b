// Field numbers with the wire type of a message (2). They are the same for all signals.
const RESOURCE = 0x0a; // ExportTraceServiceRequest.resource_spans
const SCOPE = 0x12; // ResourceSpans.scope_spans
const ITEM = 0x12; // ScopeSpans.spans

/**
 * Walks the lengths of an export request of any signal, up to where it ends or is torn.
 *
 * @returns the length of the whole messages at its beginning, in bytes, and how many items are in them
 */
export function wholeBatches(bytes: Uint8Array): { readonly length: number; readonly items: number } {
  let length = 0;
  let items = 0;
  for (const resource of messages(bytes, 0, bytes.length)) {
    if (resource.tag !== RESOURCE) break;
    for (const scope of messages(bytes, resource.start, resource.end)) {
      if (scope.tag !== SCOPE) continue;
      for (const { tag } of messages(bytes, scope.start, scope.end)) if (tag === ITEM) items++;
    }
    length = resource.end;
  }
  return { length, items };
}

interface Message {
  readonly tag: number;
  readonly start: number;
  readonly end: number;
}

/** The messages one after the other, until one does not fit. Tags have one byte. */
function* messages(bytes: Uint8Array, from: number, to: number): Generator<Message, void> {
  for (let at = from; at < to; ) {
    const tag = bytes[at++] ?? 0;
    let length = 0;
    for (let factor = 1, byte = 0x80; byte >= 0x80; factor *= 0x80) {
      byte = at < to ? (bytes[at++] ?? 0) : 0xff;
      if (factor > 2 ** 28) return;
      length += (byte & 0x7f) * factor;
    }
    const end = at + length;
    if (end > to) return;
    yield { tag, start: at, end };
    at = end;
  }
}
