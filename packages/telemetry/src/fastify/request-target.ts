/** Path and query of a request line. */
export interface RequestTarget {
  readonly path: string;
  /** Without `?`; undefined when the target has none. */
  readonly query: string | undefined;
  /** `host[:port]` of the absolute form, which then counts more than the `Host` header (RFC 9112, 3.2.2). */
  readonly authority: string | undefined;
}

const ABSOLUTE = /^[a-z][a-z0-9+.-]*:\/\/(?:[^/?#@]*@)?([^/?#]*)/i;

/** Splits a request target in origin form (`/a?b`), absolute form (`http://host/a?b`) or `*`, without decoding. */
export function splitTarget(target: string): RequestTarget {
  let url = target;
  let authority: string | undefined;
  if (!target.startsWith('/')) {
    const absolute = ABSOLUTE.exec(target);
    authority = absolute?.[1];
    url = target.slice(absolute?.[0].length ?? 0);
  }
  const question = url.indexOf('?');
  if (question === -1) return { path: url || '/', query: undefined, authority };
  return { path: url.slice(0, question) || '/', query: url.slice(question + 1), authority };
}
