/** The methods of RFC 9110, PATCH (RFC 5789) and QUERY, in capitals: all others are `_OTHER` in `http.request.method`. */
export const KNOWN_METHODS: ReadonlySet<string> = new Set(
  'GET HEAD POST PUT PATCH DELETE OPTIONS TRACE CONNECT QUERY'.split(' '),
);

/** The parts of a request line's target (RFC 9112, 3.2). */
export interface RequestTarget {
  readonly path: string;
  /** Without `?`; undefined when the target has none. */
  readonly query: string | undefined;
  /** `host[:port]` of the absolute form, which replaces the `Host` header (RFC 9112, 3.2.2). */
  readonly authority: string | undefined;
}

const ABSOLUTE = /^[a-z][a-z0-9+.-]*:\/\/(?:[^/?#@]*@)?([^/?#]*)/i;

/** Splits a request target in origin form (`/a?b`), absolute form (`http://host/a?b`) or `*`, without decoding. */
export function splitTarget(target: string): RequestTarget {
  const absolute = target.startsWith('/') ? undefined : ABSOLUTE.exec(target);
  const url = target.slice(absolute?.[0].length ?? 0);
  const authority = absolute?.[1];
  const question = url.indexOf('?');
  if (question === -1) return { path: url || '/', query: undefined, authority };
  return { path: url.slice(0, question) || '/', query: url.slice(question + 1), authority };
}

/** Host and port of a `Host` header. */
export interface Host {
  /** Name or address; an IPv6 address without its brackets. */
  readonly address: string;
  readonly port: number;
}

const HOST = /^(?:\[[0-9a-fA-F:.]+\]|[^\s:@/?#[\]\\]+)(?::\d{1,5})?$/;

/** The last answer, which is the next one too: a server has few names. */
let last: { readonly header: string; readonly scheme: string; readonly host: Host | undefined } | undefined;

/**
 * Splits a `Host` header. Without a port, the scheme's port counts.
 *
 * @returns undefined unless the header is `host[:port]`
 */
export function parseHost(header: string, scheme: string): Host | undefined {
  if (last?.header !== header || last.scheme !== scheme)
    last = { header, scheme, host: splitHost(header, scheme) };
  return last.host;
}

function splitHost(header: string, scheme: string): Host | undefined {
  if (header.length > 255 || !HOST.test(header)) return undefined;
  const colon = header.indexOf(':', header.indexOf(']') + 1); // an IPv6 address has colons, too
  const name = colon === -1 ? header : header.slice(0, colon);
  const address = name.startsWith('[') ? name.slice(1, -1) : name;
  const port = colon === -1 ? (scheme === 'https' ? 443 : 80) : Number(header.slice(colon + 1));
  return port > 65_535 ? undefined : { address, port };
}
