import { errorMessage } from '../../../page/api/api.ts';
import { pageSettings } from '../../../page/browser/settings.ts';
import {
  addPhases,
  endRequestSpan,
  failRequestSpan,
  startRequestSpan,
} from '../../web-tracing/page/request-span.ts';
import type { WebSpan } from '../../web-tracing/page/web-span.ts';
import { traceparentOf } from '../../web-tracing/page/web-span.ts';

export interface TracedRequest {
  readonly method: 'GET' | 'POST';
  /** Path and query below the API's origin. */
  readonly path: string;
  /** The path's pattern, for the span's name. */
  readonly template: string;
  readonly body?: unknown;
  /** Sends no context, as if CORS did not allow its headers. */
  readonly stripped?: boolean;
}

type Baggage = Readonly<Record<string, string>>;

export type TracedResponse = Awaited<ReturnType<typeof tracedFetch>>;

/**
 * Calls the API in a CLIENT span, propagates the span's context, and reads `traceresponse`: the trace id that the service read or
 * made; undefined without a readable header. The status is 0 without an answer.
 * @param baggage entries that reach every service with the context
 */
export async function tracedFetch(request: TracedRequest, baggage: Baggage, parent?: WebSpan) {
  const { method, path, template, body } = request;
  const url = new URL(path, pageSettings.apiUrl);
  const span = startRequestSpan(method, url, template, parent);
  Object.assign(span.attributes, attributesOfBaggage(baggage));
  const headers = headersOf(request, span, baggage);
  try {
    const response = await fetch(url, {
      method,
      headers,
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const answer: unknown = await response.json().catch(() => undefined);
    endRequestSpan(span, response.status);
    addPhases(span);
    const responseTraceId = /^[0-9a-f]{2}-([0-9a-f]{32})-/.exec(
      response.headers.get('traceresponse') ?? '',
    )?.[1];
    return { span, status: response.status, body: answer, responseTraceId };
  } catch (error) {
    failRequestSpan(span, error instanceof Error ? error.name : 'Error', errorMessage(error));
    return { span, status: 0, body: undefined, responseTraceId: undefined };
  }
}

function headersOf({ body, stripped = false }: TracedRequest, span: WebSpan, baggage: Baggage): Headers {
  const entries = Object.entries(baggage).map(([key, value]) => `${key}=${encodeURIComponent(value)}`);
  const headers = new Headers({
    traceparent: traceparentOf(span),
    baggage: entries.join(','),
    ...(body !== undefined && { 'content-type': 'application/json' }),
  });
  // In this mode the browser itself removes every header that needs the permission of the other origin.
  return stripped ? new Request(pageSettings.apiUrl, { mode: 'no-cors', headers }).headers : headers;
}

/** Baggage entries as span attributes. The fault gets another name here, because the browser only requests it. */
function attributesOfBaggage(baggage: Baggage): Record<string, string> {
  const { 'tandem.fault': asked, ...others } = baggage;
  return asked === undefined ? others : { ...others, 'tandem.fault.requested': asked };
}
