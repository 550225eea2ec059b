import type { ServerResponse } from 'node:http';
import type { Span } from '@opentelemetry/api';
import { ATTR_RESPONSE_SAYS_LATER, ATTR_RESPONSE_STREAMING } from '../../attributes.ts';

/** `getHeader` knows nothing of what `writeHead` was given: Node keeps that in the head that it sends. */
const EVENTS = /\r\ncontent-type: *text\/event-stream/i;
const LATER = /\r\nretry-after:/i;

/** What a response was sent with: of HTTP/1 as a text, of HTTP/2 by name. */
interface Sent {
  readonly _header?: string | null;
  readonly stream?: { readonly sentHeaders?: Readonly<Record<string, unknown>> };
}

/**
 * Writes to a SERVER span why its answer took so long, or so short, where its headers say so: `tandem.response.streaming` for a stream
 * of events, which is open as long as its reader likes, and `tandem.response.says_later` for an answer that asks to come back later
 * (RFC 9110, 10.2.3).
 */
export function writeAnswerOf(span: Span, response: ServerResponse): void {
  const { _header: head, stream } = response as Sent;
  const [isStream, isLater] =
    typeof head === 'string'
      ? [EVENTS.test(head), LATER.test(head)]
      : ofHttp2(stream?.sentHeaders ?? NO_HEADERS);
  if (isStream) span.setAttribute(ATTR_RESPONSE_STREAMING, true);
  if (isLater) span.setAttribute(ATTR_RESPONSE_SAYS_LATER, true);
}

const NO_HEADERS: Readonly<Record<string, unknown>> = {};

function ofHttp2(headers: Readonly<Record<string, unknown>>): readonly [boolean, boolean] {
  return [/^text\/event-stream/i.test(String(headers['content-type'] ?? '')), 'retry-after' in headers];
}
