import { gzipSync } from 'node:zlib';
import type { Span } from '@tandem/otlp';
import { attributesOf, encodeTraces } from '@tandem/otlp';
import { encodedSpan } from '../lib/encoded-span.ts';
import { senderOf } from '../lib/sender.ts';

/** Of so many spans, one fails. */
const FAILED_EACH = 50;

export type Body = Uint8Array<ArrayBuffer>;

/** A gzipped protobuf export of `count` spans in traces of eight, that began at `start` (ns since the epoch), `step` apart. */
export function traffic(count: number, start: bigint, step: bigint): { body: Body; traceIds: string[] } {
  const traceIds: string[] = [];
  let root = '';
  const spans = Array.from({ length: count }, (_, i) => {
    const spanId = id(8);
    if (i % 8 === 0) {
      traceIds.push(id(16));
      root = spanId;
    }
    const durationMs = Math.exp(Math.random() * 6);
    return span(
      traceIds.at(-1) ?? '',
      spanId,
      i % 8 === 0 ? '' : root,
      start + step * BigInt(i),
      durationMs,
      i,
    );
  });
  return { body: exported(spans, 'activities-api'), traceIds };
}

/** Exports of one trace of `count` spans. Each span has up to ten children. */
export function largeTrace(count: number, start: bigint): { bodies: Body[]; traceId: string } {
  const traceId = id(16);
  const ids = Array.from({ length: count }, () => id(8));
  const bodies: Body[] = [];
  for (let first = 0; first < count; first += 5000) {
    const spans = ids.slice(first, first + 5000).map((spanId, j) => {
      const i = first + j;
      const parent = i === 0 ? '' : (ids[Math.floor((i - 1) / 10)] ?? '');
      const durationMs = 10_000 / 4 ** Math.floor(Math.log(9 * i + 1) / Math.log(10));
      return span(traceId, spanId, parent, start + BigInt(i) * 50_000n, durationMs, i);
    });
    bodies.push(exported(spans, ['activities-api', 'user-lookup'][(first / 5000) % 2] ?? ''));
  }
  return { bodies, traceId };
}

/** Exports of `count` requests, each with a fault that no other one has. */
export function faults(count: number, start: bigint): Body[] {
  const bodies: Body[] = [];
  for (let first = 0; first < count; first += 5000) {
    const spans = Array.from({ length: Math.min(5000, count - first) }, (_, j) => {
      const at = start + BigInt(first + j) * 1_000_000n;
      return span(id(16), id(8), '', at, 5, FAILED_EACH * j, `GET /api/faults/${first + j}`);
    });
    bodies.push(exported(spans, 'activities-api'));
  }
  return bodies;
}

function exported(spans: readonly Span[], service: string): Body {
  const sender = senderOf({ 'service.name': service }, 'bench');
  return Uint8Array.from(gzipSync(encodeTraces({ scopeSpans: [{ ...sender, spans }] }), { level: 1 }));
}

function span(
  traceId: string,
  spanId: string,
  parentSpanId: string,
  start: bigint,
  durationMs: number,
  i: number,
  name = `GET /api/route-${i % 40}`,
): Span {
  return encodedSpan({
    traceId,
    spanId,
    parentSpanId,
    flags: 257,
    name,
    kind: parentSpanId === '' ? 2 : 3,
    startTimeUnixNano: start,
    endTimeUnixNano: start + BigInt(Math.round(1e6 * durationMs)),
    attributes: attributesOf({
      'http.route': `/api/route-${i % 40}`,
      'http.response.status_code': i % FAILED_EACH === 0 ? 500 : 200,
      'user.id': `user-${i % 1000}`,
      'app.result_length': i % 20,
    }),
    statusCode: i % FAILED_EACH === 0 ? 2 : 0,
  });
}

function id(bytes: number): string {
  return Buffer.from(crypto.getRandomValues(new Uint8Array(bytes))).toString('hex');
}
