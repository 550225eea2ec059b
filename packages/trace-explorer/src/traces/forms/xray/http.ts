import type { AttributeReader } from './attribute-reader.ts';

interface HttpBlock {
  request?: {
    method?: string;
    url?: string;
    user_agent?: string;
    client_ip?: string;
    x_forwarded_for?: true;
  };
  response?: { status?: number; content_length?: number };
}

/** The `http` block from the stable HTTP semantic conventions, or the ones before them. */
export function httpBlock(attributes: AttributeReader, isSegment: boolean): HttpBlock | undefined {
  const method = attributes.takeString('http.request.method', 'http.method');
  const status = attributes.takeNumber('http.response.status_code', 'http.status_code');
  if (method === undefined && status === undefined) return undefined;
  const url = urlOf(attributes);
  const userAgent = attributes.takeString('user_agent.original', 'http.user_agent');
  const length = attributes.takeNumber('http.response.body.size', 'http.response_content_length');
  const client = isSegment ? attributes.takeString('client.address', 'http.client_ip') : undefined;
  const peer = isSegment ? attributes.takeString('network.peer.address', 'net.sock.peer.addr') : undefined;
  const address = client ?? peer;
  return {
    request: {
      ...(method !== undefined && { method }),
      ...(url !== undefined && { url }),
      ...(userAgent !== undefined && { user_agent: userAgent }),
      ...(address !== undefined && { client_ip: address }),
      // Someone else than the peer is named as the client: a forwarding header said so, and could be forged.
      ...(client !== undefined && peer !== undefined && client !== peer && { x_forwarded_for: true }),
    },
    response: {
      ...(status !== undefined && { status }),
      ...(length !== undefined && { content_length: length }),
    },
  };
}

function urlOf(attributes: AttributeReader): string | undefined {
  const full = attributes.takeString('url.full', 'http.url');
  if (full !== undefined) return full;
  const path = attributes.takeString('url.path', 'http.target');
  if (path === undefined) return undefined;
  const query = attributes.takeString('url.query');
  const scheme = attributes.takeString('url.scheme', 'http.scheme') ?? 'http';
  const host = attributes.peek('server.address') ?? attributes.peek('net.host.name');
  const port = attributes.peek('server.port') ?? attributes.peek('net.host.port');
  const authority = typeof host === 'string' ? `${scheme}://${host}${port ? `:${port}` : ''}` : '';
  return `${authority}${path}${query ? `?${query}` : ''}`;
}
