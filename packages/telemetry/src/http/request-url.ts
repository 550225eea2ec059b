import type { UndiciRequest } from '@opentelemetry/instrumentation-undici';

/** The parts of a request's URL as the semantic conventions name them. */
export interface RequestUrl {
  /** Without query. */
  readonly path: string;
  /** Without colon. */
  readonly scheme: string;
  readonly address: string;
  readonly port: number | undefined;
}

/** An absolute path that a URL parser leaves as it is: 0.08 µs instead of 0.4. */
const PLAIN_PATH = /^\/(?:[\w~!$&'()*+,;=:@%-][\w~!$&'()*+,;=:@%/-]*)?(?:\?|$)/;

/** A program calls few origins; the bound is for one that makes them up. */
const MAX_ORIGINS = 256;
const origins = new Map<string, Omit<RequestUrl, 'path'>>();

/** The parts of a request's URL, without a URL parser where that is possible; undefined when it is no URL. */
export function readRequestUrl({
  origin,
  path,
}: Pick<UndiciRequest, 'origin' | 'path'>): RequestUrl | undefined {
  if (PLAIN_PATH.test(path)) {
    const known = origins.get(origin) ?? parseOrigin(origin);
    const question = path.indexOf('?');
    return known && { ...known, path: question === -1 ? path : path.slice(0, question) };
  }
  const url = URL.parse(path, origin);
  return url ? { ...serverOf(url), path: url.pathname } : undefined;
}

function parseOrigin(origin: string): Omit<RequestUrl, 'path'> | undefined {
  const url = URL.parse(origin);
  if (url === null) return undefined;
  const server = serverOf(url);
  if (origins.size === MAX_ORIGINS) origins.clear();
  origins.set(origin, server);
  return server;
}

function serverOf({ protocol, hostname, port }: URL): Omit<RequestUrl, 'path'> {
  const scheme = protocol.slice(0, -1);
  const usual = scheme === 'https' ? 443 : scheme === 'http' ? 80 : undefined;
  return { scheme, address: hostname, port: port === '' ? usual : Number(port) };
}
