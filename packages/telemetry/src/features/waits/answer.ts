import type { ServerResponse } from 'node:http';
import type { Span } from '@opentelemetry/api';
import { ATTR_RESPONSE_SAYS_LATER, ATTR_RESPONSE_STREAMING } from '../../attributes.ts';

/** `getHeader` knows nothing of what `writeHead` was given: Node keeps that in the head that it sends. */
const EVENTS = /\r\ncontent-type: *text\/event-stream/i;
const LATER = /\r\nretry-after:/i;

/** Below it `Retry-After` asks for nothing: redirects and errors have it. */
const LEAST_LATER = 300;

/** What a response was sent with: of HTTP/1 as a text, of HTTP/2 by name. */
interface Sent {
  readonly _header?: string | null;
  /** Sent in chunks, or until the connection closes: its length was not known. */
  readonly chunkedEncoding?: boolean;
  readonly _last?: boolean;
  readonly stream?: { readonly sentHeaders?: Readonly<Record<string, unknown>> };
}

/**
 * Writes to a SERVER span why its answer took so long, or so short, where its headers say so: `tandem.response.streaming` for a stream
 * of events, which is open as long as its reader likes, and `tandem.response.says_later` for a redirect or an error that asks to come back
 * later (RFC 9110, 10.2.3).
 */
export function writeAnswerOf(span: Span, response: ServerResponse): void {
  const { _header: head, stream, chunkedEncoding, _last } = response as Sent;
  const mayBeLater = response.statusCode >= LEAST_LATER;
  if (typeof head === 'string') {
    // Node joins the head anew for who reads it, so only that of an answer that may be one is read.
    if ((chunkedEncoding || _last) && EVENTS.test(head)) span.setAttribute(ATTR_RESPONSE_STREAMING, true);
    if (mayBeLater && LATER.test(head)) span.setAttribute(ATTR_RESPONSE_SAYS_LATER, true);
  } else writeAnswerOfHttp2(span, stream?.sentHeaders ?? NO_HEADERS, mayBeLater);
}

const NO_HEADERS: Readonly<Record<string, unknown>> = {};

function writeAnswerOfHttp2(
  span: Span,
  headers: Readonly<Record<string, unknown>>,
  mayBeLater: boolean,
): void {
  if (/^text\/event-stream/i.test(String(headers['content-type'] ?? '')))
    span.setAttribute(ATTR_RESPONSE_STREAMING, true);
  if (mayBeLater && 'retry-after' in headers) span.setAttribute(ATTR_RESPONSE_SAYS_LATER, true);
}
