const CAUSES_BY_CODE: Readonly<Record<string, NetworkCause>> = {
  ECONNREFUSED: 'refused',
  ETIMEDOUT: 'timeout',
  ESOCKETTIMEDOUT: 'timeout',
  UND_ERR_CONNECT_TIMEOUT: 'timeout',
  UND_ERR_HEADERS_TIMEOUT: 'timeout',
  UND_ERR_BODY_TIMEOUT: 'timeout',
  ENOTFOUND: 'dns',
  EAI_AGAIN: 'dns',
  EAI_FAIL: 'dns',
  EAI_NODATA: 'dns',
  ECONNRESET: 'connection-lost',
  ECONNABORTED: 'connection-lost',
  EPIPE: 'connection-lost',
  UND_ERR_SOCKET: 'connection-lost',
  EHOSTUNREACH: 'unreachable',
  ENETUNREACH: 'unreachable',
  EADDRNOTAVAIL: 'unreachable',
  ENETDOWN: 'unreachable',
  EACCES: 'unreachable',
  EPERM: 'unreachable',
  ERR_TLS_CERT_ALTNAME_INVALID: 'tls-hostname',
  HOSTNAME_MISMATCH: 'tls-hostname',
  CERT_HAS_EXPIRED: 'tls-expired',
  CERT_NOT_YET_VALID: 'tls-expired',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'tls-untrusted',
  SELF_SIGNED_CERT_IN_CHAIN: 'tls-untrusted',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'tls-untrusted',
  UNABLE_TO_GET_ISSUER_CERT: 'tls-untrusted',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'tls-untrusted',
  CERT_UNTRUSTED: 'tls-untrusted',
  CERT_REJECTED: 'tls-untrusted',
  CERT_REVOKED: 'tls-untrusted',
  INVALID_CA: 'tls-untrusted',
  EPROTO: 'tls-protocol',
  ERR_INVALID_CHAR: 'invalid-header',
  UND_ERR_INVALID_ARG: 'invalid-header',
};

/** Errors that are looked at; chains are longer only when something is broken. */
const MAX_CHAIN = 20;

/** Why no answer came at all; `unknown` when nothing in the error says. */
export type NetworkCause =
  | 'refused'
  | 'timeout'
  | 'dns'
  | 'tls-untrusted'
  | 'tls-hostname'
  | 'tls-expired'
  | 'tls-protocol'
  | 'not-http'
  | 'connection-lost'
  | 'unreachable'
  | 'invalid-header'
  | 'unknown';

/**
 * Reads the cause out of an error of node:http, node:https, undici, fetch or the OTLP exporter, following
 * `cause` and the `errors` of an AggregateError (what connecting to both ::1 and 127.0.0.1 fails with).
 */
export function classifyNetworkError(error: unknown): NetworkCause {
  for (const link of errorChain(error)) {
    const cause = causeOf(link);
    if (cause !== undefined) return cause;
  }
  return 'unknown';
}

function causeOf(error: ErrorLike): NetworkCause | undefined {
  if (typeof error.code === 'string') {
    const cause = CAUSES_BY_CODE[error.code];
    if (cause !== undefined) return cause;
    // OpenSSL's own codes (ERR_SSL_WRONG_VERSION_NUMBER …) and those of the HTTP parser come in families.
    if (error.code.startsWith('ERR_SSL_') || error.code.startsWith('ERR_TLS_')) return 'tls-protocol';
    if (error.code.startsWith('HPE_')) return 'not-http';
  }
  if (error.name === 'TimeoutError') return 'timeout';
  // The OTLP exporter's own timeout is a plain Error with this message.
  if (error.message === 'Request timed out') return 'timeout';
  return undefined;
}

/** The parts of a thrown value that are read; all are optional, since anything can be thrown. */
export interface ErrorLike {
  readonly name?: unknown;
  readonly message?: unknown;
  readonly code?: unknown;
  readonly data?: unknown;
  readonly cause?: unknown;
  readonly errors?: unknown;
}

/** An error, then its causes and the errors that it aggregates: nearest first, each one once, at most 20. */
export function errorChain(error: unknown): ErrorLike[] {
  const chain: ErrorLike[] = [];
  const waiting: unknown[] = [error];
  while (waiting.length > 0 && chain.length < MAX_CHAIN) {
    const next = waiting.shift();
    if (typeof next !== 'object' || next === null || chain.includes(next)) continue;
    const link: ErrorLike = next;
    chain.push(link);
    waiting.push(link.cause);
    if (Array.isArray(link.errors)) waiting.push(...link.errors);
  }
  return chain;
}
