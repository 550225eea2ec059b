import { isLoopbackHost } from '../../../lib/text/loopback.ts';
import { traceDocumentLoad } from './script/document-load.ts';
import { say } from './script/say.ts';
import { traceFetch } from './script/trace-fetch.ts';
import { traceRequests } from './script/trace-xhr.ts';
import { traceUncaughtErrors } from './script/uncaught-errors.ts';

/** Marks a page that has loaded the script already. */
const MARK = Symbol.for('tandem.trace.js');
/** Timings of requests that the browser keeps. Its own 250 are less than the modules of a development server. */
const MAX_TIMINGS = 5000;

// `trace.js`, which a page loads by one line.
if (!isLoopbackHost(location.hostname)) {
  say(`${location.origin} is not on localhost, so the explorer takes nothing from it.`);
} else if (!Reflect.has(window, MARK)) {
  Reflect.set(window, MARK, true);
  performance.setResourceTimingBufferSize(MAX_TIMINGS);
  traceDocumentLoad();
  traceFetch();
  traceRequests();
  traceUncaughtErrors();
}
