import { isLoopbackHost } from '../../shared/loopback.ts';
import { traceDocumentLoad } from './script/document-load.ts';
import { say } from './script/say.ts';
import { watchTimings } from './script/timings.ts';
import { traceFetch } from './script/trace-fetch.ts';
import { traceRequests } from './script/trace-xhr.ts';
import { traceUncaughtErrors } from './script/uncaught-errors.ts';

/** `trace.js`: the page that loads it is traced, up to the explorer. */
const MARK = Symbol.for('tandem.trace.js');

if (!isLoopbackHost(location.hostname)) {
  say(`${location.origin} is not on localhost, so the explorer takes nothing from it.`);
} else if (!Reflect.has(window, MARK)) {
  Reflect.set(window, MARK, true);
  watchTimings();
  traceDocumentLoad();
  traceFetch();
  traceRequests();
  traceUncaughtErrors();
}
