import type { SpanContext, WebSpan } from './web-span.ts';
import { now, startSpan, timeOfEntry } from './web-span.ts';

/** Milliseconds by which the browser's start of a request may be earlier than the span's. */
const TOLERANCE_MS = 2;

/** Starts the CLIENT span of a request. Its name is the method, and the path's template when one is known. */
export function startRequestSpan(method: string, url: URL, template?: string, parent?: SpanContext): WebSpan {
  return startSpan(
    template === undefined ? method : `${method} ${template}`,
    'client',
    {
      'http.request.method': method,
      'url.full': harmlessUrl(url),
      ...(template !== undefined && { 'url.template': template }),
      'server.address': url.hostname,
      'server.port': Number(url.port || (url.protocol === 'https:' ? 443 : 80)),
    },
    parent,
  );
}

/** Ends the span of an answered request. */
export function endRequestSpan(span: WebSpan, status: number): void {
  span.end = now();
  // A page may not read the status of an opaque response.
  if (status > 0) span.attributes['http.response.status_code'] = status;
  if (status >= 400) failSpan(span, String(status), String(status));
}

/** Ends the span of a request without an answer. @param type the error's class, or the event of an XMLHttpRequest */
export function failRequestSpan(span: WebSpan, type: string, message: string): void {
  span.end = now();
  failSpan(span, type, message);
}

/**
 * Adds the phases that the browser recorded, and ends the span with the last byte of the answer. Without Timing-Allow-Origin,
 * another origin has start and end only.
 */
export function addPhases(span: WebSpan): void {
  const entries = performance.getEntriesByType('resource') as PerformanceResourceTiming[];
  const entry = entries.find(
    ({ name, startTime, initiatorType }) =>
      /^(?:fetch|xmlhttprequest)$/.test(initiatorType) &&
      timeOfEntry(startTime) >= span.start - TOLERANCE_MS &&
      harmlessUrl(new URL(name)) === span.attributes['url.full'],
  );
  if (entry === undefined) return;
  span.end = Math.max(span.end, timeOfEntry(entry.responseEnd));
  addEvents(span, {
    fetchStart: entry.fetchStart,
    connectStart: entry.connectStart === entry.fetchStart ? 0 : entry.connectStart,
    connectEnd: entry.connectEnd === entry.fetchStart ? 0 : entry.connectEnd,
    requestStart: entry.requestStart,
    responseStart: entry.responseStart,
    responseEnd: entry.responseEnd,
  });
}

/** Adds an event for each moment of the browser's performance clock. The browser has 0 for a moment that did not come. */
export function addEvents(span: WebSpan, moments: Readonly<Record<string, number | undefined>>): void {
  for (const [name, moment = 0] of Object.entries(moments))
    if (moment > 0) span.events.push({ name, at: timeOfEntry(moment) });
}

/** The URL without credentials and signatures (semantic conventions, `url.full`). */
export function harmlessUrl(url: URL): string {
  const copy = new URL(url);
  copy.username = '';
  copy.password = '';
  copy.hash = '';
  return copy.href.replace(/([?&](?:AWSAccessKeyId|Signature|sig|X-Goog-Signature)=)[^&]*/g, '$1REDACTED');
}

function failSpan(span: WebSpan, type: string, message: string): void {
  span.attributes['error.type'] = type;
  span.error = message;
}
