import { endRequestSpan, failRequestSpan, startRequestSpan } from '../request-span.ts';
import { traceparentOf } from '../web-span.ts';
import { loadContext } from './document-load.ts';
import { closed, isTraced, opened } from './outbox.ts';
import { takesTraceparent } from './propagation.ts';
import { readThrown } from './thrown.ts';

/** Makes a CLIENT span of every `fetch`. A request with a `traceparent` of its own stays as it is. */
export function traceFetch(): void {
  const plain = window.fetch;
  window.fetch = function fetch(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
    const request = describe(input, init);
    if (request === undefined) return plain.call(window, input, init);
    const { method, url, headers, isAllowed } = request;
    const send = async (withContext: boolean): Promise<Response> => {
      const span = opened(startRequestSpan(method, url, undefined, loadContext()));
      if (withContext) headers.set('traceparent', traceparentOf(span));
      try {
        const response = await plain.call(window, input, withContext ? { ...init, headers } : init);
        endRequestSpan(span, response.status);
        return response;
      } catch (error) {
        const { name, message } = readThrown(error);
        failRequestSpan(span, name, message);
        throw error;
      } finally {
        closed(span);
      }
    };
    return typeof isAllowed === 'boolean' ? send(isAllowed) : isAllowed.then(send);
  };
}

/** The facts of a request; undefined when the request gets no span. The browser itself refuses a malformed request. */
function describe(input: RequestInfo | URL, init: RequestInit | undefined) {
  try {
    const given = input instanceof Request ? input : undefined;
    const url = new URL(given?.url ?? String(input), document.baseURI);
    const headers = new Headers(init?.headers ?? given?.headers);
    if (!isTraced(url) || headers.has('traceparent')) return undefined;
    const method = (init?.method ?? given?.method ?? 'GET').toUpperCase();
    const credentials = init?.credentials ?? given?.credentials ?? 'same-origin';
    // Without CORS the browser takes the header away.
    const isPlain = (init?.mode ?? given?.mode) === 'no-cors';
    return { url, headers, method, isAllowed: !isPlain && takesTraceparent(url, credentials) };
  } catch {
    return undefined;
  }
}
