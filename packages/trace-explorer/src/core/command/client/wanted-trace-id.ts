import { readTraceReference } from '../../traces/model/trace-reference.ts';

const START_OF_ID = /^[0-9a-f]{1,32}$/i;

/**
 * The trace id, or the beginning of one, in a copied text: an id, a whole `traceparent`, `traceresponse`
 * or `Server-Timing` header, or a link to the page. Lower case; undefined when there is none.
 */
export function findTraceId(text: string): string | undefined {
  const found = readTraceReference(text)?.traceId ?? (START_OF_ID.test(text) ? text : undefined);
  return found?.toLowerCase();
}

/** Whether an id is complete: 128 bits, or 64 bits. Rows have 64 bits of an id that was sent padded with zeros. */
export function isWholeId(id: string | undefined): id is string {
  return id?.length === 32 || id?.length === 16;
}
