import { shellWord } from '../../../../shared/harmless-text.ts';

type Fields = Readonly<Record<string, string | number | boolean>>;

/**
 * The HTTP request of a span as a curl command, in a new trace of its own; undefined when the span is none, or does not
 * say where it went. The body is not part of a span.
 */
export function requestCommand(fields: Fields, traceparent: string): string | undefined {
  const method = fields['http.request.method'] ?? fields['http.method'];
  const url = fields['url.full'] ?? fields['http.url'] ?? urlOf(fields);
  if (method === undefined || url === undefined) return undefined;
  const parts = ['curl -i'];
  if (method !== 'GET') parts.push(`-X ${shellWord(String(method))}`);
  parts.push(`-H ${shellWord(`traceparent: ${traceparent}`)}`, shellWord(String(url)));
  return parts.join(' ');
}

/** A server's span has the parts of the URL. */
function urlOf(fields: Fields): string | undefined {
  const host = fields['server.address'] ?? fields['http.host'] ?? fields['net.host.name'];
  const path = fields['url.path'] ?? fields['http.target'];
  if (host === undefined || path === undefined) return undefined;
  const scheme = fields['url.scheme'] ?? fields['http.scheme'] ?? 'http';
  const port = fields['server.port'] ?? fields['net.host.port'];
  const query = fields['url.query'];
  const authority = port === undefined || String(host).includes(':') ? host : `${host}:${port}`;
  return `${scheme}://${authority}${path}${query === undefined || query === '' ? '' : `?${query}`}`;
}
