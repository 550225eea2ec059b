import type { RpcStatus } from '@tandem/otlp';
import { LimitError, RpcCode, UndecodableError } from '@tandem/otlp';
import { DiskFullError, StoreBusyError, StoreReopeningError } from '../store/errors.ts';

/** An answer other than 200: its HTTP status, and what its google.rpc.Status says. */
export class OtlpHttpError extends Error {
  override readonly name = 'OtlpHttpError';
  readonly statusCode: number;
  /** google.rpc.Code. */
  readonly code: number;
  readonly retryAfterSeconds: number | undefined;

  constructor(statusCode: number, code: number, message: string, retryAfterSeconds?: number) {
    super(message);
    this.statusCode = statusCode;
    this.code = code;
    this.retryAfterSeconds = retryAfterSeconds;
  }

  static badRequest(message: string): OtlpHttpError {
    return new OtlpHttpError(400, RpcCode.invalidArgument, message);
  }

  static unauthenticated(): OtlpHttpError {
    const message =
      'Spans are taken with the value of EXPLORER_TOKEN only. Senders give it with OTEL_EXPORTER_OTLP_HEADERS=authorization=Bearer%20…';
    return new OtlpHttpError(401, RpcCode.unauthenticated, message);
  }

  static forbidden(message: string): OtlpHttpError {
    return new OtlpHttpError(403, RpcCode.permissionDenied, message);
  }

  static notFound(message: string): OtlpHttpError {
    return new OtlpHttpError(404, RpcCode.notFound, message);
  }

  static methodNotAllowed(message: string): OtlpHttpError {
    return new OtlpHttpError(405, RpcCode.unimplemented, message);
  }

  static unimplemented(message: string): OtlpHttpError {
    return new OtlpHttpError(501, RpcCode.unimplemented, message);
  }

  static tooLarge(message: string): OtlpHttpError {
    return new OtlpHttpError(413, RpcCode.resourceExhausted, message);
  }

  static unsupported(message: string): OtlpHttpError {
    return new OtlpHttpError(415, RpcCode.invalidArgument, message);
  }

  /** Retryable by the OTLP specification, after the time given. */
  static unavailable(message: string, retryAfterSeconds: number): OtlpHttpError {
    return new OtlpHttpError(503, RpcCode.unavailable, message, retryAfterSeconds);
  }
}

/** Seconds after which a sender may try again when the disk refused a write. */
const RETRY_AFTER_FAILURE_SECONDS = 5;

/** The answer to whatever went wrong with a request. */
export function toHttpError(error: unknown): OtlpHttpError {
  if (error instanceof OtlpHttpError) return error;
  if (error instanceof LimitError) return OtlpHttpError.tooLarge(error.message);
  if (error instanceof UndecodableError) return OtlpHttpError.badRequest(error.message);
  if (error instanceof StoreReopeningError)
    return OtlpHttpError.unavailable(error.message, error.retryAfterSeconds);
  if (error instanceof StoreBusyError) {
    return new OtlpHttpError(429, RpcCode.resourceExhausted, error.message, error.retryAfterSeconds);
  }
  if (error instanceof DiskFullError)
    return OtlpHttpError.unavailable(error.message, RETRY_AFTER_FAILURE_SECONDS);
  const statusCode = statusOf(error);
  const message = error instanceof Error ? error.message : String(error);
  if (statusCode === 413) return OtlpHttpError.tooLarge(message);
  if (statusCode >= 400 && statusCode < 500)
    return new OtlpHttpError(statusCode, RpcCode.invalidArgument, message);
  // The store is closing, or cannot be written: what was sent is worth sending again.
  return OtlpHttpError.unavailable('What was sent could not be stored', RETRY_AFTER_FAILURE_SECONDS);
}

/** The answer over gRPC to whatever went wrong with a call: what may be sent again is UNAVAILABLE and says when. */
export function toRpcStatus(error: unknown): RpcStatus {
  const { code, message, retryAfterSeconds } = toHttpError(error);
  if (retryAfterSeconds === undefined) return { code, message };
  return { code: RpcCode.unavailable, message, retryDelaySeconds: retryAfterSeconds };
}

function statusOf(error: unknown): number {
  const status = error instanceof Error && 'statusCode' in error ? error.statusCode : undefined;
  return typeof status === 'number' ? status : 500;
}
