import http from 'node:http';
import https from 'node:https';
import { context, ROOT_CONTEXT } from '@opentelemetry/api';
import { proxyOptions } from '../failures/proxy.ts';
import { suppressTracing } from '../opentelemetry/sdk.ts';
import type { Destination } from '../settings/index.ts';

/** How a backend's clock differs from this machine's, in milliseconds; positive: the backend's is ahead. */
export interface ClockDifference {
  readonly offsetMs: number;
  /** Date has whole seconds, and nobody knows when in the round trip it was written. */
  readonly uncertaintyMs: number;
}

/**
 * Compares this machine's clock with the Date header (RFC 9110, section 6.6.1) of a destination's answer. Sends no
 * credentials. Undefined when there is no answer in time, or none with a date.
 */
export function readBackendClock(
  { url, tls }: Pick<Destination, 'url' | 'tls'>,
  timeoutMs: number,
): Promise<ClockDifference | undefined> {
  const { origin, protocol } = new URL(url);
  const { request, Agent } = protocol === 'https:' ? https : http;
  const ask = () =>
    new Promise<ClockDifference | undefined>((resolve) => {
      const sent = Date.now();
      const outgoing = request(
        origin,
        { method: 'HEAD', agent: new Agent({ ...proxyOptions(url), ...tls }) },
        (response) => {
          const received = Date.now();
          response.resume();
          const date = Date.parse(response.headers.date ?? '');
          if (Number.isNaN(date)) return resolve(undefined);
          resolve({
            offsetMs: date + 500 - (sent + received) / 2,
            uncertaintyMs: 500 + (received - sent) / 2,
          });
        },
      );
      const timer = setTimeout(() => outgoing.destroy(), timeoutMs);
      outgoing.on('error', () => resolve(undefined));
      outgoing.on('close', () => {
        clearTimeout(timer);
        resolve(undefined);
      });
      outgoing.end();
    });
  return context.with(suppressTracing(ROOT_CONTEXT), ask);
}
