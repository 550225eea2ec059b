import type { OtlpEncoding } from '../otlp/decode-traces.ts';
import { ProtobufWriter } from '../otlp/protobuf-writer.ts';

/** An ExportTraceServiceResponse; partial_success is left unset unless spans were refused. */
export function encodeTraceResponse(rejected: number, reason: string, encoding: OtlpEncoding): Uint8Array {
  if (encoding === 'json') {
    const partialSuccess = { rejectedSpans: String(rejected), errorMessage: reason };
    return Buffer.from(JSON.stringify(rejected === 0 ? {} : { partialSuccess }));
  }
  const writer = new ProtobufWriter();
  if (rejected > 0) writer.message(1, (partial) => partial.int64(1, rejected).text(2, reason));
  return writer.finish();
}

/** A google.rpc.Status. */
export function encodeStatus(code: number, message: string, encoding: OtlpEncoding): Uint8Array {
  if (encoding === 'json') return Buffer.from(JSON.stringify({ code, message }));
  return new ProtobufWriter().uint32(1, code).text(2, message).finish();
}
