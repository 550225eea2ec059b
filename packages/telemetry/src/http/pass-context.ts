import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { context } from '@opentelemetry/api';
import type { UndiciRequest } from '@opentelemetry/instrumentation-undici';
import { isTracingSuppressed } from '../opentelemetry/sdk.ts';
import { sendContext } from './outgoing-headers.ts';
import type { HttpClientInstrumentation } from './undici-client.ts';

const CREATED = 'undici:request:create';

/** Sends the active context along with every request of `fetch` and of undici, and makes no spans. */
export function passContextWithRequests(): HttpClientInstrumentation {
  const onCreate = (message: unknown) => {
    const { request } = message as { request: UndiciRequest };
    const active = context.active();
    if (request.method !== 'CONNECT' && !isTracingSuppressed(active)) sendContext(request, active);
  };
  subscribe(CREATED, onCreate);
  return { disable: () => void unsubscribe(CREATED, onCreate) };
}
