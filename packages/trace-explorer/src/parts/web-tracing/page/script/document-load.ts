import { addEvents, harmlessUrl } from '../request-span.ts';
import type { SpanContext, WebSpan } from '../web-span.ts';
import { startSpan, timeOfEntry } from '../web-span.ts';
import { closed, opened, sendBeforeLeaving } from './outbox.ts';

let load: WebSpan | undefined;

/** The context of the document's load, for spans that begin while the document loads. */
export function loadContext(): SpanContext | undefined {
  return document.readyState === 'complete' ? undefined : load;
}

/** Makes a span of the document's load, with the browser's phases, in the trace of the server that sent the document. */
export function traceDocumentLoad(): void {
  const [navigation] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[];
  const attributes = { 'url.full': harmlessUrl(new URL(location.href)) };
  const span = startSpan('documentLoad', 'internal', attributes, serverContext(navigation), timeOfEntry(0));
  load = opened(span);
  const end = () => {
    if (navigation !== undefined) addNavigation(span, navigation);
    closed(span);
  };
  // The browser knows the end of the load when the listeners have returned.
  if (document.readyState === 'complete') end();
  else addEventListener('load', () => setTimeout(end), { once: true });
  addEventListener('pagehide', sendBeforeLeaving);
}

function addNavigation(span: WebSpan, navigation: PerformanceNavigationTiming): void {
  span.end = timeOfEntry(navigation.loadEventEnd);
  if (navigation.responseStatus > 0) span.attributes['http.response.status_code'] = navigation.responseStatus;
  addEvents(span, {
    fetchStart: navigation.fetchStart,
    connectStart: navigation.connectStart,
    connectEnd: navigation.connectEnd,
    requestStart: navigation.requestStart,
    responseStart: navigation.responseStart,
    responseEnd: navigation.responseEnd,
    firstContentfulPaint: performance.getEntriesByName('first-contentful-paint')[0]?.startTime,
    domInteractive: navigation.domInteractive,
    domContentLoadedEventStart: navigation.domContentLoadedEventStart,
    domContentLoadedEventEnd: navigation.domContentLoadedEventEnd,
    domComplete: navigation.domComplete,
    loadEventStart: navigation.loadEventStart,
    loadEventEnd: navigation.loadEventEnd,
  });
}

/** The context of the document: an entry `trace` or `traceparent` of Server-Timing, or a meta tag `traceparent`. */
function serverContext(navigation: PerformanceNavigationTiming | undefined): SpanContext | undefined {
  const given =
    navigation?.serverTiming.find(({ name }) => name === 'trace' || name === 'traceparent')?.description ??
    document.querySelector<HTMLMetaElement>('meta[name=traceparent]')?.content;
  const [, traceId, spanId] = /^00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}$/.exec(given ?? '') ?? [];
  return traceId === undefined || spanId === undefined ? undefined : { traceId, spanId };
}
