import { subscribe } from 'node:diagnostics_channel';
import type { IncomingMessage, ServerResponse } from 'node:http';

/** Where Node tells of a request of HTTP/1 before any listener has it (Node.js, diagnostics_channel, "HTTP"). */
const CHANNEL = 'http.server.request.start';

const RESPONSE: unique symbol = Symbol.for('tandem.response');
type HeardMessage = IncomingMessage & { [RESPONSE]?: ServerResponse };

let isKeeping = false;

/**
 * From now on keeps the response of each request, for a span that begins before Fastify calls the first hook: Fastify
 * has no way from a request to its response.
 */
export function keepResponses(): void {
  if (isKeeping) return;
  isKeeping = true;
  subscribe(CHANNEL, function keepResponse(message) {
    const { request, response } = message as { request: HeardMessage; response: ServerResponse };
    request[RESPONSE] = response;
  });
}

/** Undefined over HTTP/2 and of `inject()`, of which Node tells nothing. */
export function earlyResponse(raw: IncomingMessage): ServerResponse | undefined {
  return (raw as HeardMessage)[RESPONSE];
}
