import { settings } from '../../shell/settings.ts';
import type { WebSpan } from './web-span.ts';

const KINDS = { internal: 1, client: 3 };
const STATUS_ERROR = 2;
/** Flags: sampled, random trace id, local parent. */
const FLAGS = 0x103;

/** Whether the page came over a forwarded port (Codespaces, Gitpod): no other port is within reach. */
const isForwarded = isLocal(new URL(settings.otlpEndpoint).hostname) && !isLocal(location.hostname);
const RECEIVER = isForwarded ? `${location.origin}/api/import` : `${settings.otlpEndpoint}/v1/traces`;

/**
 * Sends spans to the explorer's receiver as OTLP in its JSON encoding.
 * @throws Error with words for a person when the spans were not accepted
 */
export async function exportSpans(spans: readonly WebSpan[]): Promise<void> {
  const resource = {
    'service.name': 'web',
    'telemetry.sdk.language': 'webjs',
    'user_agent.original': navigator.userAgent,
  };
  const scopeSpans = [{ scope: { name: 'tandem.try-it' }, spans: spans.map(otlpSpan) }];
  const request = { resourceSpans: [{ resource: { attributes: otlpAttributes(resource) }, scopeSpans }] };
  let response: Response;
  try {
    response = await fetch(RECEIVER, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(request),
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

function isLocal(host: string): boolean {
  return /^(?:(?:.+\.)?localhost|127(?:\.\d+){3}|\[::1\])$/u.test(host);
}

function otlpSpan({ kind, start, end, attributes, events, error, ...span }: WebSpan) {
  return {
    ...span,
    flags: FLAGS,
    kind: KINDS[kind],
    startTimeUnixNano: nanoseconds(start),
    endTimeUnixNano: nanoseconds(end),
    attributes: otlpAttributes(attributes),
    events: events.map(({ name, at }) => ({ name, timeUnixNano: nanoseconds(at) })),
    ...(error !== undefined && { status: { code: STATUS_ERROR, message: error } }),
  };
}

function otlpAttributes(attributes: WebSpan['attributes']) {
  return Object.entries(attributes).map(([key, value]) => {
    if (typeof value === 'boolean') return { key, value: { boolValue: value } };
    return { key, value: typeof value === 'number' ? { intValue: value } : { stringValue: value } };
  });
}

/** Browsers measure microseconds at best. */
function nanoseconds(milliseconds: number): string {
  return `${Math.round(milliseconds * 1000)}000`;
}
