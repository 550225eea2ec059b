import type { OtlpEncoding } from './decode.ts';
import { RetryInfoFields, RpcStatusFields } from './fields/rpc-status.ts';
import { AnyFields, DurationFields } from './fields/well-known.ts';
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

export const RETRY_INFO_URL = 'type.googleapis.com/google.rpc.RetryInfo';
export const NANOSECONDS = 1e9;

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
