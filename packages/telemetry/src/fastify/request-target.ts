/** Path and query of a request line. */
export interface RequestTarget {
  readonly path: string;
  /** Without `?`; undefined when the target has none. */
  readonly query: string | undefined;
}

const ORIGIN = /^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i;

/** Splits a request target in origin form (`/a?b`), absolute form (`http://host/a?b`) or `*`, without decoding. */
export function splitTarget(target: string): RequestTarget {
  // The absolute form can hold a password, so its authority is dropped (RFC 9112, 3.2.2).
  const url = target.startsWith('/') ? target : target.replace(ORIGIN, '') || '/';
  const question = url.indexOf('?');
  if (question === -1) return { path: url, query: undefined };
  return { path: url.slice(0, question) || '/', query: url.slice(question + 1) };
}
