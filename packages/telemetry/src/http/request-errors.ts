import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Span } from '@opentelemetry/api';
import { isError } from '../is-error.ts';

const ERROR_CHANNEL = 'undici:request:error';

const SPAN = Symbol('tandem.span');
type TracedRequest = object & { [SPAN]?: Span };

/** What undici publishes when a request fails; made anew for each failure. */
interface RequestFailure {
  readonly request: TracedRequest;
  error: unknown;
}

/**
 * Puts right, before the instrumentation hears of a failed request, what it would record wrongly:
 *
 * - The `code` of a DOMException is a number (`TimeoutError` has 23), and it would become `error.type`.
 * - A request that its caller cancelled is not an error by the semantic conventions. The span would look like one
 *   that had an answer, so it says so: `tandem.request.cancelled`. Callers may give a reason that is no Error, which
 *   undici never does; `fetch` itself does so for a response that nobody has read when it is garbage.
 *
 * Subscribe before the instrumentation does: subscribers are called in order.
 */
export class RequestErrors {
  /**
   * Remembers the span of a request, on the request: an entry in a WeakMap outlives its key until the old generation
   * is collected, and made young collections longer.
   */
  add(request: object, span: Span): void {
    (request as TracedRequest)[SPAN] = span;
  }

  subscribe(): void {
    subscribe(ERROR_CHANNEL, this.#onError);
  }

  unsubscribe(): void {
    unsubscribe(ERROR_CHANNEL, this.#onError);
  }

  readonly #onError = (message: unknown): void => {
    const failure = message as RequestFailure;
    const { error: reason } = failure;
    const error = isError(reason) ? reason : Object.assign(new Error('aborted'), { name: 'AbortError' });
    if (error.name === 'AbortError') {
      failure.error = error;
      failure.request[SPAN]?.setAttribute('tandem.request.cancelled', true);
    } else if ('code' in error && typeof error.code === 'number') {
      failure.error = withoutCode(error);
    }
  };
}

function withoutCode({ name, message, stack }: Error): Error {
  return Object.assign(new Error(message), { name, stack });
}
