/** `00-<trace id>-<span id>-01`, with or without the header's name before it: traceparent, traceresponse, Server-Timing. */
const HEADER = /(?:^|[^0-9a-z])[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{0,16}-[0-9a-f]{2}(?![0-9a-f])/i;
/** The page's address of a trace. */
const LINK = /\/trace\/([0-9a-f]{32})(?![0-9a-f])/i;
const START_OF_ID = /^[0-9a-f]{1,32}$/i;

/**
 * The trace id, or the beginning of one, that is in what somebody copied: an id, a whole `traceparent`, `traceresponse`
 * or `Server-Timing` header, or a link to the page. Lower case; undefined when there is none.
 */
export function findTraceId(text: string): string | undefined {
  const [, id] = HEADER.exec(text) ?? LINK.exec(text) ?? [];
  const found = id ?? (START_OF_ID.test(text) ? text : undefined);
  return found?.toLowerCase();
}
