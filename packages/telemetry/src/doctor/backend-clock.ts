import { context, ROOT_CONTEXT } from '@opentelemetry/api';
import { suppressTracing } from '../opentelemetry/sdk.ts';

/** How a backend's clock differs from this machine's, in milliseconds; positive: the backend's is ahead. */
export interface ClockDifference {
  readonly offsetMs: number;
  /** Date has whole seconds, and nobody knows when in the round trip it was written. */
  readonly uncertaintyMs: number;
}

/**
 * Compares this machine's clock with the Date header (RFC 9110, section 6.6.1) of a backend's answer. Sends no
 * credentials. Undefined when there is no answer in time, or none with a date; and for a backend with a certificate that
 * only the exporter knows, or behind a proxy.
 */
export async function readBackendClock(url: string, timeoutMs: number): Promise<ClockDifference | undefined> {
  const ask = () => fetch(new URL(url).origin, { method: 'HEAD', signal: AbortSignal.timeout(timeoutMs) });
  const sent = Date.now();
  try {
    const response = await context.with(suppressTracing(ROOT_CONTEXT), ask);
    const received = Date.now();
    const date = Date.parse(response.headers.get('date') ?? '');
    if (Number.isNaN(date)) return undefined;
    return { offsetMs: date + 500 - (sent + received) / 2, uncertaintyMs: 500 + (received - sent) / 2 };
  } catch {
    return undefined;
  }
}
