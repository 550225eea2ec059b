import type { RpcStatus } from '@tandem/otlp';
import { LimitError, RpcCode, UndecodableError } from '@tandem/otlp';
import { StoreError } from '../store/store-error.ts';

/** google.rpc.Code by HTTP status. Any other status of the request's fault is an invalid argument. */
const CODES: Readonly<Record<number, number>> = {
  401: RpcCode.unauthenticated,
  403: RpcCode.permissionDenied,
  404: RpcCode.notFound,
  405: RpcCode.unimplemented,
  408: RpcCode.deadlineExceeded,
  413: RpcCode.resourceExhausted,
  429: RpcCode.resourceExhausted,
  501: RpcCode.unimplemented,
  503: RpcCode.unavailable,
};

/** An answer other than 200: the HTTP status, and the content of its google.rpc.Status. */
export class OtlpHttpError extends Error {
  override readonly name = 'OtlpHttpError';
  readonly statusCode: number;
  /** google.rpc.Code. */
  readonly code: number;
  readonly retryAfterSeconds: number | undefined;

  /** @param retryAfterSeconds for 429 and 503: OTLP lets the sender repeat these requests */
  constructor(statusCode: number, message: string, retryAfterSeconds?: number) {
    super(message);
    this.statusCode = statusCode;
    this.code = CODES[statusCode] ?? RpcCode.invalidArgument;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** The answer to a sender without the token. */
export function unauthenticated(): OtlpHttpError {
  return new OtlpHttpError(
    401,
    'The explorer takes spans with the value of EXPLORER_TOKEN only. Senders give it with OTEL_EXPORTER_OTLP_HEADERS=authorization=Bearer%20…',
  );
}

/** Seconds after which a sender may try again when the disk refused a write. */
const RETRY_AFTER_FAILURE_SECONDS = 5;

/** The answer to a request that failed with any error. */
export function toHttpError(error: unknown): OtlpHttpError {
  if (error instanceof OtlpHttpError) return error;
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof LimitError) return new OtlpHttpError(413, message);
  if (error instanceof UndecodableError) return new OtlpHttpError(400, message);
  if (error instanceof StoreError)
    // OTLP's status for a sender that is too fast.
    return new OtlpHttpError(
      error.code === 'STORE_BUSY' ? 429 : error.status,
      message,
      error.retryAfterSeconds,
    );
  const statusCode = statusOf(error);
  if (statusCode >= 400 && statusCode < 500) return new OtlpHttpError(statusCode, message);
  // The store cannot be written: the sender should send the request again.
  return new OtlpHttpError(503, 'The store did not take the data', RETRY_AFTER_FAILURE_SECONDS);
}

/** The answer over gRPC to a call that failed with any error. A call that may be repeated is UNAVAILABLE. */
export function toRpcStatus(error: unknown): RpcStatus {
  const { code, message, retryAfterSeconds } = toHttpError(error);
  if (retryAfterSeconds === undefined) return { code, message };
  return { code: RpcCode.unavailable, message, retryDelaySeconds: retryAfterSeconds };
}

function statusOf(error: unknown): number {
  const status = error instanceof Error && 'statusCode' in error ? error.statusCode : undefined;
  return typeof status === 'number' ? status : 500;
}
