import { addPhases, harmlessUrl } from '../request-span.ts';
import type { WebSpan } from '../web-span.ts';
import { timeOfEntry } from '../web-span.ts';

/** Most timings that wait for their span. */
const MAX_TIMINGS = 500;
/** Milliseconds by which the browser's start of a request may differ from the span's. */
const TOLERANCE_MS = 2;

let timings: PerformanceResourceTiming[] = [];

/** Keeps the timings of requests. The browser's own list ends at 250 entries, which a development server fills with modules. */
export function watchTimings(): void {
  new PerformanceObserver((list) => {
    const entries = list.getEntries() as PerformanceResourceTiming[];
    const requests = entries.filter(({ initiatorType }) => /^(?:fetch|xmlhttprequest)$/.test(initiatorType));
    timings = [...timings, ...requests].slice(-MAX_TIMINGS);
  }).observe({ type: 'resource' });
}

/** Adds the phases of its request to a span. The span then ends with the last byte of the body. */
export function addTimings(span: WebSpan): void {
  const isOf = ({ name, startTime }: PerformanceResourceTiming) =>
    timeOfEntry(startTime) >= span.start - TOLERANCE_MS &&
    harmlessUrl(new URL(name)) === span.attributes['url.full'];
  const index = span.kind === 'client' ? timings.findIndex(isOf) : -1;
  const [entry] = index < 0 ? [] : timings.splice(index, 1);
  if (entry === undefined) return;
  addPhases(span, entry);
  span.end = Math.max(span.end, timeOfEntry(entry.responseEnd));
}
