import type { Attributes } from '@opentelemetry/api';
import { context, propagation, trace } from '@opentelemetry/api';
import type { UndiciRequest } from '@opentelemetry/instrumentation-undici';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import { KNOWN_METHODS, MAY_BE_SECRET } from '../spans/http-url.ts';
import {
  activeTemplate,
  addRest,
  hasClientSpan,
  replaceHeaders,
  requestAttributes,
  sendContext,
  spanNameOf,
} from './client-request.ts';

/** With `upgrade`, the request becomes a WebSocket, and undici publishes no end. */
type Request = UndiciRequest & { readonly upgrade?: string | null };

/**
 * Makes a CLIENT span of every request of `fetch` and undici, and sends the span's context along. instrumentation-undici
 * makes the spans. Hooks of instrumentation-undici correct wrong attributes, and replace forwarded headers.
 *
 * @returns how to stop
 */
export function traceUndici(): () => void {
  const fields = new Set(propagation.fields());
  const instrumentation = new UndiciInstrumentation({
    ignoreRequestHook(request: Request) {
      const active = context.active();
      const isIgnored = Boolean(request.upgrade) || hasClientSpan(active);
      if (isIgnored) sendContext(request, active);
      return isIgnored;
    },
    startSpanHook: correctedAttributes,
    requestHook(span, request) {
      if (carries(request.headers, fields)) replaceHeaders(request, trace.setSpan(context.active(), span));
      if (activeTemplate() !== undefined) span.updateName(spanNameOf(request));
    },
  });
  return () => instrumentation.disable();
}

/** instrumentation-undici redacts nothing, reads // as a host, resolves /../, and keeps the brackets of IPv6. */
const UNUSUAL_PATH = /\/[/.]/;
const UNUSUAL_ORIGIN = /[@[]/;

/**
 * Attributes that instrumentation-undici lacks or writes differently. Undefined removes an attribute from a span.
 */
function correctedAttributes(request: Request): Attributes {
  const { origin, path, method } = request;
  const question = path.indexOf('?');
  const attributes: Attributes = { 'url.query': question === -1 ? undefined : path.slice(question + 1) };
  if (KNOWN_METHODS.has(method)) attributes['http.request.method_original'] = undefined;
  const isUnusual = UNUSUAL_PATH.test(path) || UNUSUAL_ORIGIN.test(origin);
  const isSecret = question !== -1 && MAY_BE_SECRET.test(path);
  return isUnusual || isSecret
    ? { ...attributes, ...requestAttributes(request) }
    : addRest(attributes, request);
}

/** Whether headers of undici, `[name, value, name, value, …]`, have one of `fields`: a caller forwards headers. */
function carries(headers: unknown, fields: ReadonlySet<string>): boolean {
  if (!Array.isArray(headers)) return false;
  for (let at = 0; at < headers.length; at += 2) {
    if (fields.has(String(headers[at]).toLowerCase())) return true;
  }
  return false;
}
