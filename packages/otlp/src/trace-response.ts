import type { OtlpEncoding } from './encoding.ts';
import { ExportTracePartialSuccessFields, ExportTraceServiceResponseFields } from './fields/trace-service.ts';
import { JsonFields } from './json/json-fields.ts';
import { parseJson } from './json/parse-json.ts';
import { ProtobufReader } from './protobuf/reader.ts';
import { ProtobufWriter } from './protobuf/writer.ts';

/** What a receiver says about an export that it answered with success: ExportTracePartialSuccess. */
export interface TracePartialSuccess {
  /** How many of the spans it did not take. */
  readonly rejectedSpans: number;
  /** Why, or a warning when it took them all; empty when it says nothing. */
  readonly errorMessage: string;
}

/** An ExportTraceServiceResponse; partial_success is left unset unless spans were refused. */
export function encodeTraceResponse(
  { rejectedSpans, errorMessage }: TracePartialSuccess,
  encoding: OtlpEncoding,
): Uint8Array {
  if (encoding === 'json') {
    const partialSuccess = { rejectedSpans: String(rejectedSpans), errorMessage };
    return Buffer.from(JSON.stringify(rejectedSpans === 0 ? {} : { partialSuccess }));
  }
  const writer = new ProtobufWriter(64);
  if (rejectedSpans > 0) {
    const start = writer.begin(ExportTraceServiceResponseFields.partialSuccess);
    writer.int64(ExportTracePartialSuccessFields.rejectedSpans, rejectedSpans);
    if (errorMessage !== '') writer.string(ExportTracePartialSuccessFields.errorMessage, errorMessage);
    writer.end(start);
  }
  return writer.toBuffer();
}

/**
 * Reads an ExportTraceServiceResponse. Bytes that are not one (some receivers answer `{}` or `OK` whatever the
 * encoding) say nothing, and are no failure: the HTTP status was success.
 */
export function decodeTraceResponse(bytes: Uint8Array, encoding: OtlpEncoding): TracePartialSuccess {
  try {
    return encoding === 'json' ? readJson(bytes) : readProtobuf(bytes);
  } catch {
    return { rejectedSpans: 0, errorMessage: '' };
  }
}

function readJson(bytes: Uint8Array): TracePartialSuccess {
  const partialSuccess = new JsonFields(parseJson(bytes), 'the response').message('partialSuccess');
  return {
    rejectedSpans: Number(partialSuccess.uint64('rejectedSpans')),
    errorMessage: partialSuccess.text('errorMessage'),
  };
}

function readProtobuf(bytes: Uint8Array): TracePartialSuccess {
  const reader = new ProtobufReader(bytes);
  let rejectedSpans = 0;
  let errorMessage = '';
  while (!reader.done) {
    const tag = reader.tag();
    if (tag !== ExportTraceServiceResponseFields.partialSuccess) {
      reader.skip(tag);
      continue;
    }
    const outer = reader.enter();
    while (!reader.done) {
      const inner = reader.tag();
      if (inner === ExportTracePartialSuccessFields.rejectedSpans)
        rejectedSpans = Math.max(0, Number(reader.int64()));
      else if (inner === ExportTracePartialSuccessFields.errorMessage) errorMessage = reader.text();
      else reader.skip(inner);
    }
    reader.leave(outer);
  }
  return { rejectedSpans, errorMessage };
}
