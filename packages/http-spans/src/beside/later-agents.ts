import { removeHeaders } from '../message/header-list.ts';

/** A request of undici, to which agents add headers. */
interface OpenRequest {
  readonly headers: unknown;
  addHeader(name: string, value: string): void;
}

/**
 * Takes our `traceparent` and `tracestate` back when another agent adds a `traceparent`: New Relic and Elastic APM listen to
 * the same channel, add their headers after ours, and a receiver takes neither of two (W3C Trace Context, 4.3).
 */
export function leaveToLater(request: OpenRequest): void {
  const { addHeader } = request;
  request.addHeader = function addLater(name, value) {
    if (name.toLowerCase() === 'traceparent') {
      request.addHeader = addHeader;
      removeHeaders(request.headers, (each) => each === 'traceparent' || each === 'tracestate');
    }
    addHeader.call(request, name, value);
  };
}
