/** The parts of a request line's target (RFC 9112, 3.2). */
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

/** Host and port of a `Host` header. */
export interface Host {
  /** Name or address; an IPv6 address without its brackets. */
  readonly address: string;
  readonly port: number;
}

const HOST = /^(?:\[([0-9a-fA-F:.]+)\]|([^\s:@/?#[\]\\]+))(?::(\d{1,5}))?$/;
/** Clients choose the header, so the cache is emptied rather than grown. */
const MAX_CACHED = 256;
const httpHosts = new Map<string, Host>();
const httpsHosts = new Map<string, Host>();

/**
 * Splits a `Host` header. A missing port is the scheme's. Headers repeat, so results are kept.
 *
 * @returns undefined for what is not `host[:port]`
 */
export function parseHost(header: string, scheme: string): Host | undefined {
  const cache = scheme === 'https' ? httpsHosts : httpHosts;
  const cached = cache.get(header);
  if (cached !== undefined) return cached;
  const host = parse(header, scheme === 'https' ? 443 : 80);
  if (host === undefined) return undefined;
  if (cache.size >= MAX_CACHED) cache.clear();
  cache.set(header, host);
  return host;
}

function parse(header: string, defaultPort: number): Host | undefined {
  const match = header.length > 255 ? null : HOST.exec(header);
  const address = match?.[1] ?? match?.[2];
  if (match === null || address === undefined) return undefined;
  const port = match[3] === undefined ? defaultPort : Number(match[3]);
  return port > 65_535 ? undefined : { address, port };
}
