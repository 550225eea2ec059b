import type { WebSpan } from './web-span.ts';

const KINDS = { internal: 1, client: 3 };
const STATUS_ERROR = 2;
/** Flags: sampled, random trace id, local parent. */
const FLAGS = 0x103;

/** An ExportTraceServiceRequest with spans of this browser, in OTLP's JSON encoding. */
export function otlpRequest(service: string, scope: string, spans: readonly WebSpan[]): string {
  const resource = {
    'service.name': service,
    'telemetry.sdk.language': 'webjs',
    'user_agent.original': navigator.userAgent,
  };
  const scopeSpans = [{ scope: { name: scope }, spans: spans.map(otlpSpan) }];
  return JSON.stringify({
    resourceSpans: [{ resource: { attributes: otlpAttributes(resource) }, scopeSpans }],
  });
}

function otlpSpan({ kind, start, end, attributes, events, error, ...span }: WebSpan) {
  return {
    ...span,
    flags: FLAGS,
    kind: KINDS[kind],
    startTimeUnixNano: nanoseconds(start),
    endTimeUnixNano: nanoseconds(end),
    attributes: otlpAttributes(attributes),
    events: events.map(({ name, at, attributes = {} }) => ({
      name,
      timeUnixNano: nanoseconds(at),
      attributes: otlpAttributes(attributes),
    })),
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
