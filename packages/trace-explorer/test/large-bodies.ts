import { gunzipSync } from 'node:zlib';
import { decodeTraces, encodeTraces } from '@tandem/otlp';
import { exportBody } from '../../../benchmarks/lib/service-spans.ts';

const MIB = 1024 ** 2;
/** A little below what is accepted. */
const BODY_BYTES = 19 * MIB;
export const SPAN_BYTES = 3.9 * MIB;
/** The ids of the single span. */
export const TRACE = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16) };

/** A request of ordinary spans; protobuf messages one after the other are one message. */
export function spansBody(): Buffer {
  const part = gunzipSync(exportBody(4_096));
  return Buffer.concat(new Array(Math.floor(BODY_BYTES / part.byteLength)).fill(part));
}

/** A request of one span with a text of so many bytes. */
export function spanJson(bytes: number): Buffer {
  const value = { stringValue: 'conversation '.repeat(bytes / 13) };
  const span = {
    ...TRACE,
    name: 'chat',
    startTimeUnixNano: `${Date.now()}000000`,
    attributes: [{ key: 'messages', value }],
  };
  return Buffer.from(JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] }));
}

/** A request as {@link spanJson}, in protobuf. */
export function spanProtobuf(bytes: number): Uint8Array {
  return encodeTraces(decodeTraces(spanJson(bytes), 'json'));
}
