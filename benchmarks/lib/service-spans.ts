import { gzipSync } from 'node:zlib';
import type { Span } from '@tandem/otlp';
import { attributesOf, encodeTraces } from '@tandem/otlp';
import { encodedSpan } from './encoded-span.ts';
import { senderOf } from './sender.ts';

const SERVICES = ['activities-api', 'user-lookup'];
const ROUTES = ['/api/activities/home', '/api/activities/@:handle', '/api/users', '/api/activities/:uuid'];

/** Nanoseconds from one span's start to the next one's, in a trace whose spans overlap. */
const APART = 5_000_000n;

/**
 * A gzipped protobuf export of spans as the two services make them: 12 attributes, 8 spans per trace.
 * @param pastMs all traces begin now; or each at any time of so many past milliseconds, with spans that overlap
 */
export function exportBody(
  spanCount: number,
  service = SERVICES[Math.floor(Math.random() * 2)] ?? '',
  pastMs = 0,
): Buffer {
  const sender = senderOf(
    { 'service.name': service, 'telemetry.sdk.language': 'nodejs', 'host.name': 'localhost' },
    '@tandem/telemetry',
    '0.1.0',
  );
  const spans: Span[] = [];
  let traceId = '';
  let parentSpanId = '';
  let begunMs = 0;
  for (let index = 0; index < spanCount; index++) {
    if (index % 8 === 0) {
      traceId = id(16);
      parentSpanId = '';
      begunMs = Math.random() * pastMs;
    }
    const spanId = id(8);
    const later = pastMs === 0 ? BigInt(index) : BigInt(index % 8) * APART;
    const start = BigInt(Math.floor(Date.now() - begunMs)) * 1_000_000n + later;
    spans.push(spanOf(traceId, spanId, parentSpanId, start, index));
    if (parentSpanId === '') parentSpanId = spanId;
  }
  const encoded = encodeTraces({
    scopeSpans: [{ ...sender, spans }],
  });
  return gzipSync(encoded, { level: 1 });
}

function spanOf(traceId: string, spanId: string, parentSpanId: string, start: bigint, index: number): Span {
  const route = ROUTES[index % ROUTES.length] ?? '';
  const hasAppNow = index % 8 === 1;
  return encodedSpan({
    traceId,
    spanId,
    parentSpanId,
    flags: 257,
    name: `GET ${route}`,
    kind: parentSpanId === '' ? 2 : 3,
    startTimeUnixNano: start,
    endTimeUnixNano: start + BigInt(Math.round(1e6 * Math.exp(Math.random() * 6))),
    attributes: attributesOf({
      'http.request.method': 'GET',
      'http.route': route,
      'http.response.status_code': index % 50 === 0 ? 500 : 200,
      'url.scheme': 'http',
      'url.path': route,
      'url.full': `http://localhost:4567${route}?before=${index}`,
      'server.address': 'localhost',
      'server.port': 4567,
      'network.protocol.version': '1.1',
      'user_agent.original': 'Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0',
      'user.id': `user-${index % 1000}`,
      ...(hasAppNow ? { 'app.now': new Date().toISOString() } : { 'app.result_length': index % 20 }),
    }),
    statusCode: index % 50 === 0 ? 2 : 0,
  });
}

function id(bytes: number): string {
  return Buffer.from(crypto.getRandomValues(new Uint8Array(bytes))).toString('hex');
}
