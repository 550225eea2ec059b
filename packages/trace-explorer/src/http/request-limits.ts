/** Milliseconds that a sender has for a whole request. */
export const REQUEST_TIMEOUT_MS = 30_000;

/**
 * Fastify's options that bound how long a request arrives: a third of the time for its headers. Node swaps the two limits
 * where that of the headers is larger, and without an interval of its own looks every 30 s.
 */
export function requestLimits(requestTimeoutMs = REQUEST_TIMEOUT_MS) {
  const headersTimeout = requestTimeoutMs / 3;
  return {
    requestTimeout: requestTimeoutMs,
    http: { headersTimeout, connectionsCheckingInterval: Math.min(headersTimeout, 5_000) },
  };
}
