import type { Attributes } from '@opentelemetry/api';
import type { UndiciRequest } from '@opentelemetry/instrumentation-undici';
import {
  ATTR_HTTP_REQUEST_METHOD_ORIGINAL,
  ATTR_HTTP_REQUEST_RESEND_COUNT,
  ATTR_SERVER_ADDRESS,
  ATTR_SERVER_PORT,
  ATTR_URL_FULL,
  ATTR_URL_PATH,
  ATTR_URL_QUERY,
} from '@opentelemetry/semantic-conventions';
import { KNOWN_METHODS } from './known-methods.ts';
import { redactQuery, redactUrl } from './redact-url.ts';
import { activeResendCount } from './resend-count.ts';
import { ATTR_URL_TEMPLATE, activeUrlTemplate } from './url-template.ts';

/**
 * Sets the attributes of a CLIENT span that instrumentation-undici lacks or has differently (semantic conventions for
 * HTTP clients); undefined takes one of its own away.
 */
export function setRequestAttributes(attributes: Attributes, request: UndiciRequest): void {
  const { method, origin, path } = request;
  const question = path.indexOf('?');
  attributes[ATTR_URL_FULL] = redactUrl(path.startsWith('/') ? origin + path : path);
  attributes[ATTR_URL_QUERY] = question === -1 ? undefined : redactQuery(path.slice(question + 1));
  attributes[ATTR_HTTP_REQUEST_METHOD_ORIGINAL] = KNOWN_METHODS.has(method) ? undefined : method;
  const template = activeUrlTemplate();
  if (template !== undefined) attributes[ATTR_URL_TEMPLATE] = template;
  const resends = activeResendCount();
  if (resends !== undefined) attributes[ATTR_HTTP_REQUEST_RESEND_COUNT] = resends;
  // The instrumentation takes a path of `//name` for another host, and keeps the brackets of IPv6 addresses.
  if (path.startsWith('//') || origin.includes('[')) setServer(attributes, origin, path, question);
}

/** The method as span names have it, `HTTP` for one that is not known. */
export function spanMethod({ method }: UndiciRequest): string {
  const upper = method.toUpperCase();
  return KNOWN_METHODS.has(upper) ? upper : 'HTTP';
}

function setServer(attributes: Attributes, origin: string, path: string, question: number): void {
  const { hostname, port, protocol } = new URL(origin);
  attributes[ATTR_SERVER_ADDRESS] = hostname.replace(/^\[|\]$/g, '');
  attributes[ATTR_SERVER_PORT] = Number(port || (protocol === 'https:' ? 443 : 80));
  if (path.startsWith('/')) attributes[ATTR_URL_PATH] = question === -1 ? path : path.slice(0, question);
}
