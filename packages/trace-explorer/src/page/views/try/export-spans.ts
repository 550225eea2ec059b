import type { SpanContent } from '@tandem/otlp/browser';
import { attributesOf, tracesToJson } from '@tandem/otlp/browser';
import { settings } from '../../shell/settings.ts';
import type { WebSpan } from './web-span.ts';

const KINDS = { internal: 1, client: 3 };
const STATUS_UNSET = 0;
const STATUS_ERROR = 2;
/** Sampled, random trace id, and the parent is known to be local. */
const FLAGS = 0x103;

/** A page that was opened over a forwarded port (Codespaces, Gitpod) reaches no port of this machine but its own. */
const isForwarded = isLocal(new URL(settings.otlpEndpoint).hostname) && !isLocal(location.hostname);
const RECEIVER = isForwarded ? `${location.origin}/api/import` : `${settings.otlpEndpoint}/v1/traces`;

/**
 * Sends spans to the explorer's receiver as OTLP in its JSON encoding.
 * @throws Error with words for a person when they were not taken
 */
export async function exportSpans(spans: readonly WebSpan[]): Promise<void> {
  let response: Response;
  try {
    response = await fetch(RECEIVER, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(exportRequest(spans)),
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

function exportRequest(spans: readonly WebSpan[]) {
  const resource = {
    attributes: attributesOf({
      'service.name': 'web',
      'telemetry.sdk.language': 'webjs',
      'user_agent.original': navigator.userAgent,
    }),
    droppedAttributesCount: 0,
    schemaUrl: '',
  };
  const scope = {
    name: 'tandem.try-it',
    version: '',
    attributes: [],
    droppedAttributesCount: 0,
    schemaUrl: '',
  };
  return tracesToJson([{ resource, scope, spans: spans.map(otlpSpan) }]);
}

function otlpSpan(span: WebSpan): SpanContent {
  return {
    traceId: span.traceId,
    spanId: span.spanId,
    parentSpanId: span.parentSpanId ?? '',
    traceState: '',
    flags: FLAGS,
    name: span.name,
    kind: KINDS[span.kind],
    startTimeUnixNano: nanoseconds(span.start),
    endTimeUnixNano: nanoseconds(span.end),
    attributes: attributesOf(span.attributes),
    droppedAttributesCount: 0,
    events: span.events.map(({ name, at }) => ({
      name,
      timeUnixNano: nanoseconds(at),
      attributes: [],
      droppedAttributesCount: 0,
    })),
    droppedEventsCount: 0,
    links: [],
    droppedLinksCount: 0,
    statusCode: span.error === undefined ? STATUS_UNSET : STATUS_ERROR,
    statusMessage: span.error ?? '',
  };
}

/** Browsers tell microseconds at best. */
function nanoseconds(milliseconds: number): bigint {
  return BigInt(Math.round(milliseconds * 1000)) * 1000n;
}
