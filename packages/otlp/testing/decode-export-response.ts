import type { OtlpEncoding } from '../src/decode.ts';
import type { ExportSignal, PartialSuccess } from '../src/export-response.ts';
import { REJECTED } from '../src/export-response.ts';
import {
  ExportTracePartialSuccessFields,
  ExportTraceServiceResponseFields,
} from '../src/fields/trace-service.ts';
import { JsonFields } from '../src/json/json-fields.ts';
import { parseJson } from '../src/json/parse-json.ts';
import { ProtobufReader, readFields, readMessage } from '../src/protobuf/reader.ts';

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
