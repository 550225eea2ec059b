import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { decodeRequest } from '../../packages/telemetry/test/delivery/decode.ts';

/** A span as it came over the wire, with its resource's attributes. */
export interface ReceivedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
  /** The parent is in another process, as the span's flags say. */
  readonly parentIsRemote: boolean;
  readonly name: string;
  /** SERVER, CLIENT, INTERNAL, … */
  readonly kind: string;
  readonly service: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly resource: Readonly<Record<string, unknown>>;
  readonly status: number;
  readonly statusMessage: string;
  readonly events: readonly {
    readonly name: string;
    readonly attributes: Readonly<Record<string, unknown>>;
  }[];
  /** Nanoseconds since the epoch. */
  readonly start: bigint;
  readonly end: bigint;
}

/** A real OTLP/HTTP receiver on a free port of loopback, which keeps what it is sent. */
export interface OtlpReceiver {
  readonly url: string;
  /** Headers of each request, in order. */
  readonly requests: { readonly path: string; readonly headers: NodeJS.Dict<string | string[]> }[];
  spans(): readonly ReceivedSpan[];
  spansOf(traceId: string): readonly ReceivedSpan[];
  /** Waits until `condition` holds for the spans received; throws after `timeoutMs`, saying what had come. */
  waitFor(
    condition: (spans: readonly ReceivedSpan[]) => boolean,
    timeoutMs?: number,
  ): Promise<readonly ReceivedSpan[]>;
  reset(): void;
  close(): Promise<void>;
}

export async function startOtlpReceiver(): Promise<OtlpReceiver> {
  let spans: ReceivedSpan[] = [];
  const requests: OtlpReceiver['requests'] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    requests.push({ path: request.url ?? '', headers: request.headers });
    spans.push(...decode(request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body));
    response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    spans: () => spans,
    spansOf: (traceId) => spans.filter((span) => span.traceId === traceId),
    async waitFor(condition, timeoutMs = 10_000) {
      const deadline = Date.now() + timeoutMs;
      while (!condition(spans)) {
        if (Date.now() > deadline) {
          const seen = spans.slice(-40).map((span) => `${span.traceId} ${span.service} ${span.name}`);
          throw new Error(
            `The expected spans did not come. The last of ${spans.length}:\n${seen.join('\n')}`,
          );
        }
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      return spans;
    },
    reset() {
      spans = [];
      requests.length = 0;
    },
    async close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

const KINDS = ['UNSPECIFIED', 'INTERNAL', 'SERVER', 'CLIENT', 'PRODUCER', 'CONSUMER'];

/** The bit of a span's flags that says that its parent is remote; opentelemetry-proto, SpanFlags. */
const IS_REMOTE = 0x200;

/** `value` names the field that holds it. */
type WireValue = { readonly value?: string } & Readonly<Record<string, unknown>>;

interface WireAttribute {
  readonly key: string;
  readonly value: WireValue;
}

interface WireSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly WireAttribute[];
  readonly events: readonly { readonly name: string; readonly attributes: readonly WireAttribute[] }[];
  readonly status: { readonly code: number; readonly message: string } | null;
  readonly flags: number;
}

function decode(body: Uint8Array): ReceivedSpan[] {
  return decodeRequest(body).resourceSpans.flatMap(({ resource, scopeSpans }) => {
    const attributes = plain(resource.attributes as readonly WireAttribute[]);
    const wire = scopeSpans.flatMap((scope) => scope.spans) as unknown as readonly WireSpan[];
    return wire.map(
      (span): ReceivedSpan => ({
        traceId: span.traceId,
        spanId: span.spanId,
        parentSpanId: span.parentSpanId,
        parentIsRemote: (span.flags & IS_REMOTE) !== 0,
        name: span.name,
        kind: KINDS[span.kind] ?? String(span.kind),
        service: String(attributes['service.name']),
        attributes: plain(span.attributes),
        resource: attributes,
        status: span.status?.code ?? 0,
        statusMessage: span.status?.message ?? '',
        events: span.events.map((event) => ({ name: event.name, attributes: plain(event.attributes) })),
        start: BigInt(span.startTimeUnixNano),
        end: BigInt(span.endTimeUnixNano),
      }),
    );
  });
}

function plain(attributes: readonly WireAttribute[]): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, plainValue(value)]));
}

function plainValue(value: WireValue): unknown {
  const found = value.value === undefined ? undefined : value[value.value];
  if (value.value === 'intValue') return Number(found);
  if (value.value === 'arrayValue') return (found as { values: readonly WireValue[] }).values.map(plainValue);
  return found;
}
