import type { OtlpEncoding } from './encoding.ts';
import { ExportTracePartialSuccessFields, ExportTraceServiceResponseFields } from './fields/trace-service.ts';
import { JsonFields } from './json/json-fields.ts';
import { parseJson } from './json/parse-json.ts';
import { ProtobufReader, readFields, readMessage } from './protobuf/reader.ts';
import { ProtobufWriter } from './protobuf/writer.ts';

/** Signals that an export can be of. */
export type ExportSignal = 'traces' | 'logs' | 'metrics';

/** What a receiver says about an export that it answered with success: ExportTracePartialSuccess and its like. */
export interface PartialSuccess {
  /** How many of the spans, log records or data points it did not take. */
  readonly rejected: number;
  /** Why, or a warning when it took them all; empty when it says nothing. */
  readonly errorMessage: string;
}

/** The name of the count in JSON; in protobuf it has the same number for all signals. */
const REJECTED = {
  traces: 'rejectedSpans',
  logs: 'rejectedLogRecords',
  metrics: 'rejectedDataPoints',
} as const;

/** An ExportTraceServiceResponse or its like; partial_success is left unset when there is nothing to say. */
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
 * Reads an ExportTraceServiceResponse or its like. Bytes that are not one (some receivers answer `{}` or `OK` whatever
 * the encoding) say nothing, and are no failure: the HTTP status was success.
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
