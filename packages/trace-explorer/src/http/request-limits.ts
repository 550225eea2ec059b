/** Milliseconds that a sender has for a whole request. */
export const REQUEST_TIMEOUT_MS = 30_000;

/**
 * Fastify's options that bound the arrival of a request. A third of the time is for its headers. Node swaps the two limits when
 * the limit for headers is the larger one, and by default checks them only every 30 s.
 */
export function requestLimits(requestTimeoutMs = REQUEST_TIMEOUT_MS) {
  const headersTimeout = requestTimeoutMs / 3;
  return {
    requestTimeout: requestTimeoutMs,
    http: { headersTimeout, connectionsCheckingInterval: Math.min(headersTimeout, 5_000) },
  };
}
