import { shellWord } from '../../../../lib/text/harmless-text.ts';

type Fields = Readonly<Record<string, string | number | boolean>>;

/**
 * The HTTP request of a span as a curl command, in a new trace. Undefined when the span is not a request, or does not name its
 * URL. A span does not contain the body.
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

/** The URL of a request. A server's span has only its parts. */
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
