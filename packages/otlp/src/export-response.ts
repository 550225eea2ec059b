import type { OtlpEncoding } from './decode.ts';
import { ExportTracePartialSuccessFields, ExportTraceServiceResponseFields } from './fields/trace-service.ts';
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
export const REJECTED = {
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
