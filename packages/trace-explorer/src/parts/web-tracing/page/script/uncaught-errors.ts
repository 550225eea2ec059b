import { now, startSpan } from '../web-span.ts';
import { loadContext } from './document-load.ts';
import { closed, lastRequest, opened } from './outbox.ts';
import type { Thrown } from './thrown.ts';
import { readThrown } from './thrown.ts';

/** Milliseconds after an answer for which an error belongs to its trace: browsers do not name the source of an error. */
const WITHIN_MS = 1000;
/** Most errors of a page: one that fails with each frame says no more with the next one. */
const MAX_ERRORS = 100;

/** Makes a span of every uncaught error and unhandled rejection: in the trace of the load, or of the answer before the error. */
export function traceUncaughtErrors(): void {
  let count = 0;
  const report = ({ name, message, stack }: Thrown) => {
    if (++count > MAX_ERRORS) return;
    const span = opened(startSpan('uncaught error', 'internal', {}, loadContext() ?? lastRequest(WITHIN_MS)));
    span.attributes['error.type'] = name;
    span.error = message;
    const attributes = {
      'exception.type': name,
      'exception.message': message,
      ...(stack !== undefined && { 'exception.stacktrace': stack }),
    };
    span.events.push({ name: 'exception', at: now(), attributes });
    closed(span);
  };
  addEventListener('error', ({ error, message }) =>
    report(error instanceof Error ? readThrown(error) : { name: 'Error', message }),
  );
  addEventListener('unhandledrejection', ({ reason }) => report(readThrown(reason)));
}
