import type { PlainAttributes, PlainSpan } from '@tandem/otlp/testing';
import type { DemoRandom } from './random-ids.ts';
import type { DemoService } from './services.ts';

/** SpanKind's numbers. */
export const Kind = { internal: 1, server: 2, client: 3, producer: 4, consumer: 5 } as const;

export interface SpanDraft extends Omit<PlainSpan, 'start' | 'traceId' | 'service'> {
  readonly name: string;
  readonly startMs: number;
  readonly durationMs: number;
  readonly parent?: string | undefined;
}

/** Collects the spans of one trace; times are milliseconds after its beginning. */
export class TraceBuilder {
  readonly traceId: string;
  readonly spans: PlainSpan[] = [];
  readonly random: DemoRandom;
  /** Milliseconds since the epoch. */
  readonly startMs: number;

  constructor(random: DemoRandom, startMs: number) {
    this.random = random;
    this.startMs = startMs;
    this.traceId = random.id(16);
  }

  /** Nanoseconds since the epoch. */
  at(milliseconds: number): bigint {
    return BigInt(Math.round(this.startMs)) * 1_000_000n + BigInt(Math.round(milliseconds * 1e6));
  }

  /** Adds a span of a service; its id. */
  add(service: Pick<DemoService, 'name' | 'resource'>, { parent, startMs, ...draft }: SpanDraft): string {
    const spanId = draft.spanId ?? this.random.id(8);
    this.spans.push({
      ...draft,
      spanId,
      traceId: this.traceId,
      ...(parent !== undefined && { parentSpanId: parent }),
      service: service.name,
      resource: { ...service.resource, ...draft.resource },
      start: this.at(startMs),
    });
    return spanId;
  }
}

/** Attributes of a SERVER span of HTTP. */
export function serverAttributes(
  method: string,
  route: string,
  status: number,
  more: PlainAttributes = {},
): PlainAttributes {
  return {
    'http.request.method': method,
    'http.route': route,
    'http.response.status_code': status,
    'url.path': route.replace(':id', '42'),
    'url.scheme': 'https',
    'network.protocol.version': '1.1',
    ...(status >= 500 && { 'error.type': String(status) }),
    ...more,
  };
}
