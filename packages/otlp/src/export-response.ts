import type { OtlpEncoding } from './decode.ts';
import { ExportTracePartialSuccessFields, ExportTraceServiceResponseFields } from './fields/trace-service.ts';
import { JsonFields } from './json/json-fields.ts';
import { parseJson } from './json/parse-json.ts';
import { ProtobufReader, readFields, readMessage } from './protobuf/reader.ts';
import { ProtobufWriter } from './protobuf/writer.ts';

/** The signals of an export. */
export type ExportSignal = 'traces' | 'logs' | 'metrics';

/** A receiver's successful answer: ExportTracePartialSuccess, or the message of another signal. */
export interface PartialSuccess {
  /** The count of rejected spans, log records or data points. */
  readonly rejected: number;
  /** The reason of the rejection, or a warning; may be empty. */
  readonly errorMessage: string;
}

/** The name of the count in JSON. In protobuf the count has the same field number for all signals. */
const REJECTED = {
  traces: 'rejectedSpans',
  logs: 'rejectedLogRecords',
  metrics: 'rejectedDataPoints',
} as const;

/** An ExportTraceServiceResponse, or the message of another signal. An empty answer has no partial_success. */
export function encodeExportResponse(
  signal: ExportSignal,
  { rejected, errorMessage }: PartialSuccess,
  encoding: OtlpEncoding,
): Uint8Array {
  const isEmpty = rejected === 0 && errorMessage === '';
  if (encoding === 'json') {
    const partialSuccess = { [REJECTED[signal]]: String(rejected), errorMessage };
    return Buffer.from(JSON.stringify(isEmpty ? {} : { partialSuccess }));
  }
  const writer = new ProtobufWriter(64);
  if (!isEmpty) {
    const start = writer.begin(ExportTraceServiceResponseFields.partialSuccess);
    if (rejected > 0) writer.int64(ExportTracePartialSuccessFields.rejectedSpans, rejected);
    if (errorMessage !== '') writer.string(ExportTracePartialSuccessFields.errorMessage, errorMessage);
    writer.end(start);
  }
  return writer.toBuffer();
}

/**
 * Reads an ExportTraceServiceResponse, or the message of another signal. Other bytes count as an empty answer, because the
 * HTTP status was success: some receivers answer `{}` or `OK` in any encoding.
 */
export function decodeExportResponse(
  signal: ExportSignal,
  bytes: Uint8Array,
  encoding: OtlpEncoding,
): PartialSuccess {
  try {
    return encoding === 'json' ? readJson(bytes, REJECTED[signal]) : readProtobuf(bytes);
  } catch {
    return { rejected: 0, errorMessage: '' };
  }
}

function readJson(bytes: Uint8Array, rejected: string): PartialSuccess {
  const partialSuccess = new JsonFields(parseJson(bytes), 'the response').message('partialSuccess');
  return {
    rejected: Number(partialSuccess.uint64(rejected)),
    errorMessage: partialSuccess.text('errorMessage'),
  };
}

function readProtobuf(bytes: Uint8Array): PartialSuccess {
  const reader = new ProtobufReader(bytes);
  let rejected = 0;
  let errorMessage = '';
  const partialSuccess = {
    [ExportTracePartialSuccessFields.rejectedSpans]: () => (rejected = Math.max(0, Number(reader.int64()))),
    [ExportTracePartialSuccessFields.errorMessage]: () => (errorMessage = reader.text()),
  };
  readFields(reader, {
    [ExportTraceServiceResponseFields.partialSuccess]: () => readMessage(reader, partialSuccess),
  });
  return { rejected, errorMessage };
}
