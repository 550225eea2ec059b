import type { OtlpEncoding } from './decode.ts';
import { RetryInfoFields, RpcStatusFields } from './fields/rpc-status.ts';
import { AnyFields, DurationFields } from './fields/well-known.ts';
import { JsonFields } from './json/json-fields.ts';
import { parseJson } from './json/parse-json.ts';
import { ProtobufReader, readFields, readMessage } from './protobuf/reader.ts';
import { ProtobufWriter } from './protobuf/writer.ts';

/** google.rpc.Status: the body of every answer other than 200, and over gRPC the trailer `grpc-status-details-bin`. */
export interface RpcStatus {
  /** One of {@link RpcCode}, or another of google.rpc.Code. */
  readonly code: number;
  /** For people. */
  readonly message: string;
  /** google.rpc.RetryInfo: the client may send the request again after this time. Absent when the answer names no time. */
  readonly retryDelaySeconds?: number;
}

/** The numbers of google.rpc.Code in answers of OTLP receivers. */
export const RpcCode = {
  ok: 0,
  invalidArgument: 3,
  deadlineExceeded: 4,
  notFound: 5,
  permissionDenied: 7,
  resourceExhausted: 8,
  unimplemented: 12,
  unavailable: 14,
  unauthenticated: 16,
} as const;

const RETRY_INFO_URL = 'type.googleapis.com/google.rpc.RetryInfo';
const NANOSECONDS = 1e9;

/** The body of an answer that refuses an export. */
export function encodeRpcStatus(status: RpcStatus, encoding: OtlpEncoding): Uint8Array {
  const { code, message, retryDelaySeconds } = status;
  if (encoding === 'json') {
    const retryInfo = { '@type': RETRY_INFO_URL, retryDelay: `${retryDelaySeconds}s` };
    const details = retryDelaySeconds === undefined ? {} : { details: [retryInfo] };
    return Buffer.from(JSON.stringify({ code, message, ...details }));
  }
  const writer = new ProtobufWriter(64);
  if (code !== 0) writer.uint32(RpcStatusFields.code, code);
  if (message !== '') writer.string(RpcStatusFields.message, message);
  if (retryDelaySeconds !== undefined) writeRetryInfo(writer, retryDelaySeconds);
  return writer.toBuffer();
}

/** Reads the body of an answer that refuses an export. @throws RangeError, SyntaxError or TypeError when it is not a Status */
export function decodeRpcStatus(bytes: Uint8Array, encoding: OtlpEncoding): RpcStatus {
  return encoding === 'json' ? readJson(bytes) : readProtobuf(bytes);
}

function writeRetryInfo(writer: ProtobufWriter, delaySeconds: number): void {
  const detail = writer.begin(RpcStatusFields.details);
  writer.string(AnyFields.typeUrl, RETRY_INFO_URL);
  const retryInfo = writer.begin(AnyFields.value);
  const duration = writer.begin(RetryInfoFields.retryDelay);
  const nanoseconds = Math.round(delaySeconds * NANOSECONDS);
  writer.int64(DurationFields.seconds, Math.floor(nanoseconds / NANOSECONDS));
  writer.uint32(DurationFields.nanos, nanoseconds % NANOSECONDS);
  writer.end(duration);
  writer.end(retryInfo);
  writer.end(detail);
}

function readJson(bytes: Uint8Array): RpcStatus {
  const fields = new JsonFields(parseJson(bytes), 'the status');
  let retryDelaySeconds: number | undefined;
  for (const detail of fields.messages('details')) {
    if (detail.text('@type') === RETRY_INFO_URL)
      retryDelaySeconds = Number(detail.text('retryDelay').replace(/s$/, ''));
  }
  return statusOf(fields.uint32('code'), fields.text('message'), retryDelaySeconds);
}

function readProtobuf(bytes: Uint8Array): RpcStatus {
  const reader = new ProtobufReader(bytes);
  let code = 0;
  let message = '';
  let retryDelaySeconds: number | undefined;
  readFields(reader, {
    [RpcStatusFields.code]: () => (code = reader.uint32()),
    [RpcStatusFields.message]: () => (message = reader.text()),
    [RpcStatusFields.details]: () => (retryDelaySeconds = readDetail(reader) ?? retryDelaySeconds),
  });
  return statusOf(code, message, retryDelaySeconds);
}

/** Seconds of a RetryInfo; undefined for other details. */
function readDetail(reader: ProtobufReader): number | undefined {
  let typeUrl = '';
  let value: Uint8Array = new Uint8Array();
  readMessage(reader, {
    [AnyFields.typeUrl]: () => (typeUrl = reader.text()),
    [AnyFields.value]: () => (value = reader.slice()),
  });
  if (typeUrl !== RETRY_INFO_URL) return undefined;
  const detail = new ProtobufReader(value);
  let delaySeconds = 0;
  const duration = {
    [DurationFields.seconds]: () => (delaySeconds += Number(detail.int64())),
    [DurationFields.nanos]: () => (delaySeconds += Number(detail.int64()) / NANOSECONDS),
  };
  readFields(detail, { [RetryInfoFields.retryDelay]: () => readMessage(detail, duration) });
  return delaySeconds;
}

function statusOf(code: number, message: string, retryDelaySeconds: number | undefined): RpcStatus {
  return { code, message, ...(retryDelaySeconds !== undefined && { retryDelaySeconds }) };
}
