import { endRequestSpan, failRequestSpan, startRequestSpan } from '../request-span.ts';
import { traceparentOf } from '../web-span.ts';
import { loadContext } from './document-load.ts';
import { closed, isTraced, opened } from './outbox.ts';
import { takesTraceparent } from './propagation.ts';

/** Makes a CLIENT span of every XMLHttpRequest. A request with a `traceparent` of its own stays as it is. */
export function traceRequests(): void {
  const { open, send, setRequestHeader, abort } = XMLHttpRequest.prototype;
  const requests = new WeakMap<XMLHttpRequest, { method: string; url: URL; isAsync: boolean }>();

  XMLHttpRequest.prototype.open = function (this: XMLHttpRequest, ...given: unknown[]): void {
    Reflect.apply(open, this, given);
    const [method, address, isAsync = true] = given;
    const url = new URL(String(address), document.baseURI);
    requests.delete(this);
    if (isTraced(url))
      requests.set(this, { method: String(method).toUpperCase(), url, isAsync: Boolean(isAsync) });
  };
  XMLHttpRequest.prototype.setRequestHeader = function (name, value) {
    if (name.toLowerCase() === 'traceparent') requests.delete(this);
    setRequestHeader.call(this, name, value);
  };
  XMLHttpRequest.prototype.abort = function () {
    requests.delete(this);
    abort.call(this);
  };
  XMLHttpRequest.prototype.send = function (body) {
    const request = requests.get(this);
    if (request === undefined) return send.call(this, body);
    const { method, url, isAsync } = request;
    const start = (withContext: boolean) => {
      // Aborted or opened again while another port was asked.
      if (requests.get(this) !== request) return;
      requests.delete(this);
      const span = opened(startRequestSpan(method, url, undefined, loadContext()));
      if (withContext) setRequestHeader.call(this, 'traceparent', traceparentOf(span));
      const settled = new AbortController();
      for (const type of ['load', 'error', 'timeout', 'abort'])
        this.addEventListener(
          type,
          () => {
            settled.abort();
            if (type === 'load') endRequestSpan(span, this.status);
            else failRequestSpan(span, type, `The request ended with the event ${type}.`);
            closed(span);
          },
          { signal: settled.signal },
        );
      send.call(this, body);
    };
    const isAllowed = takesTraceparent(url, this.withCredentials ? 'include' : 'same-origin');
    if (typeof isAllowed === 'boolean') start(isAllowed);
    else if (isAsync) isAllowed.then(start);
    // A synchronous request cannot wait for the answer.
    else start(false);
  };
}
