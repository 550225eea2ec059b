import { randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { attributesOf, encodeTraces } from '@tandem/otlp';
import { encodedSpan } from '../../../benchmarks/lib/encoded-span.ts';
import { senderOf } from '../../../benchmarks/lib/sender.ts';

/** Spans of a body. */
export const WIDE_BATCH = 512;
/** With the fields that the explorer writes itself, as many as it keeps in columns. */
const NAMES = 1_950;
const ATTRIBUTES = 20;

/** A gzipped protobuf export of spans with 20 attributes each, and 1,950 different ones among them. */
export function wideBody(seed: number): Buffer {
  const spans = Array.from({ length: WIDE_BATCH }, (_, index) => wideSpan(seed * WIDE_BATCH + index));
  const encoded = encodeTraces({
    scopeSpans: [{ ...senderOf({ 'service.name': 'wide' }, 'wide'), spans }],
  });
  return gzipSync(encoded, { level: 1 });
}

function wideSpan(index: number) {
  const time = BigInt(Date.now()) * 1_000_000n;
  return encodedSpan({
    traceId: randomBytes(16).toString('hex'),
    spanId: randomBytes(8).toString('hex'),
    parentSpanId: '',
    flags: 257,
    name: 'wide',
    kind: 2,
    startTimeUnixNano: time,
    endTimeUnixNano: time + 1_000_000n,
    attributes: attributesOf(
      Object.fromEntries(
        Array.from({ length: ATTRIBUTES }, (_, at) => {
          const name = (index * ATTRIBUTES + at) % NAMES;
          return [`app.field_${name}`, name % 2 === 0 ? index : `value ${index}`];
        }),
      ),
    ),
  });
}
