import type { Attributes } from '@opentelemetry/api';
import type { UndiciRequest } from '@opentelemetry/instrumentation-undici';
import { KNOWN_METHODS } from './known-methods.ts';
import { redactQuery, redactUrl } from './redact-url.ts';
import { activeUrlTemplate } from './url-template.ts';

/** Attributes in place of the instrumentation's own; undefined takes one away. */
export function requestAttributes(request: UndiciRequest): Attributes {
  const { method, origin, path } = request;
  const question = path.indexOf('?');
  const attributes: Attributes = {
    'url.full': redactUrl(path.startsWith('/') ? origin + path : path),
    'url.query': question === -1 ? undefined : redactQuery(path.slice(question + 1)),
    'http.request.method_original': KNOWN_METHODS.has(method) ? undefined : method,
  };
  const template = activeUrlTemplate();
  if (template !== undefined) attributes['url.template'] = template;
  // The instrumentation takes a path of `//name` for another host, and keeps the brackets of IPv6 addresses.
  if (path.startsWith('//') || origin.includes('[')) setServer(attributes, origin, path, question);
  return attributes;
}

/** The method as span names have it, `HTTP` for one that is not known. */
export function spanMethod({ method }: UndiciRequest): string {
  const upper = method.toUpperCase();
  return KNOWN_METHODS.has(upper) ? upper : 'HTTP';
}

function setServer(attributes: Attributes, origin: string, path: string, question: number): void {
  const { hostname, port, protocol } = new URL(origin);
  attributes['server.address'] = hostname.replace(/^\[|\]$/g, '');
  attributes['server.port'] = Number(port || (protocol === 'https:' ? 443 : 80));
  if (path.startsWith('/')) attributes['url.path'] = question === -1 ? path : path.slice(0, question);
}
