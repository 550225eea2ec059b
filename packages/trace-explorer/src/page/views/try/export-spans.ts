import { settings } from '../../client/settings.ts';
import type { WebSpan } from './web-span.ts';

const kinds = { internal: 1, client: 3 };
const statusError = 2;

/**
 * Sends spans to the explorer's receiver as OTLP in its JSON encoding.
 * @throws Error with words for a person when they were not taken
 */
export async function exportSpans(spans: readonly WebSpan[]): Promise<void> {
  let response: Response;
  try {
    response = await fetch(`${settings.otlpEndpoint}/v1/traces`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(exportRequest(spans)),
    });
  } catch {
    throw new Error(
      `The browser's own spans could not be sent: the receiver at ${settings.otlpEndpoint} does not answer.`,
    );
  }
  if (!response.ok) {
    throw new Error(`The browser's own spans were refused by ${settings.otlpEndpoint}: ${response.status}.`);
  }
}

function exportRequest(spans: readonly WebSpan[]) {
  return {
    resourceSpans: [
      {
        resource: {
          attributes: attributesOf({
            'service.name': 'web',
            'telemetry.sdk.language': 'webjs',
            'user_agent.original': navigator.userAgent,
          }),
        },
        scopeSpans: [{ scope: { name: 'tandem.try-it' }, spans: spans.map(otlpSpan) }],
      },
    ],
  };
}

function otlpSpan(span: WebSpan) {
  return {
    traceId: span.traceId,
    spanId: span.spanId,
    ...(span.parentSpanId !== undefined && { parentSpanId: span.parentSpanId }),
    flags: 0x103, // sampled, random trace id, and the parent is known to be local
    name: span.name,
    kind: kinds[span.kind],
    startTimeUnixNano: nanoseconds(span.start),
    endTimeUnixNano: nanoseconds(span.end),
    attributes: attributesOf(span.attributes),
    events: span.events.map(({ name, at }) => ({ name, timeUnixNano: nanoseconds(at) })),
    ...(span.error !== undefined && { status: { code: statusError, message: span.error } }),
  };
}

function attributesOf(values: WebSpan['attributes']) {
  return Object.entries(values).map(([key, value]) => ({ key, value: anyValue(value) }));
}

function anyValue(value: string | number | boolean) {
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value };
}

/** Text, as 64 bits do not fit a number; browsers tell microseconds at best. */
function nanoseconds(milliseconds: number): string {
  return `${Math.round(milliseconds * 1000)}000`;
}
