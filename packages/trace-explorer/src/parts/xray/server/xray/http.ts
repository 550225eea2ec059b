import type { AttributeReader } from './attribute-reader.ts';

/** The `http` block, from the stable HTTP semantic conventions or the older ones. */
export function httpBlock(attributes: AttributeReader, isSegment: boolean) {
  const method = attributes.takeString('http.request.method', 'http.method');
  const status = attributes.takeNumber('http.response.status_code', 'http.status_code');
  if (method === undefined && status === undefined) return undefined;
  const client = isSegment ? attributes.takeString('client.address', 'http.client_ip') : undefined;
  const peer = isSegment ? attributes.takeString('network.peer.address', 'net.sock.peer.addr') : undefined;
  return {
    request: {
      method,
      url: urlOf(attributes),
      user_agent: attributes.takeString('user_agent.original', 'http.user_agent'),
      client_ip: client ?? peer,
      // The client is not the peer, so the address comes from a forwarding header, which could be forged.
      x_forwarded_for: (client !== undefined && peer !== undefined && client !== peer) || undefined,
    },
    response: {
      status,
      content_length: attributes.takeNumber('http.response.body.size', 'http.response_content_length'),
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
