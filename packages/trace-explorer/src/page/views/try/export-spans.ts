import { isLoopbackHost } from '../../../shared/loopback.ts';
import { settings } from '../../browser/settings.ts';
import { otlpRequest } from '../../tracing/otlp-request.ts';
import type { WebSpan } from '../../tracing/web-span.ts';

/** Whether the page came over a forwarded port (Codespaces, Gitpod): no other port is within reach. */
const isForwarded =
  isLoopbackHost(new URL(settings.otlpEndpoint).hostname) && !isLoopbackHost(location.hostname);
const RECEIVER = isForwarded ? `${location.origin}/api/import` : `${settings.otlpEndpoint}/v1/traces`;

/**
 * Sends spans to the explorer's receiver as OTLP in its JSON encoding.
 * @throws Error with words for a person when the spans were not accepted
 */
export async function exportSpans(spans: readonly WebSpan[]): Promise<void> {
  let response: Response;
  try {
    response = await fetch(RECEIVER, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: otlpRequest('web', 'tandem.try-it', spans),
    });
  } catch {
    throw new Error(
      `The browser's own spans could not be sent: the receiver at ${RECEIVER} does not answer.`,
    );
  }
  if (!response.ok) {
    throw new Error(`The browser's own spans were refused by ${RECEIVER}: ${response.status}.`);
  }
}
