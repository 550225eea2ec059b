import type { RpcStatus } from '@tandem/otlp';
import { LimitError, RpcCode, UndecodableError } from '@tandem/otlp';
import { Failure } from '../failures.ts';

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
interface OtlpAnswer {
  readonly statusCode: number;
  /** google.rpc.Code. */
  readonly code: number;
  readonly message: string;
  /** For 429 and 503: OTLP lets the sender repeat these requests. */
  readonly retryAfterSeconds: number | undefined;
}

/** The answer to a request that failed with any error. */
export function otlpAnswer(error: unknown): OtlpAnswer {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof Failure) return answer(error.answers.otlp, message, error.retryAfterSeconds);
  if (error instanceof LimitError) return otlpAnswer(new Failure('TOO_LARGE', message));
  if (error instanceof UndecodableError) return otlpAnswer(new Failure('UNREADABLE', message));
  const statusCode = statusOf(error);
  // Else the store cannot be written: the sender should send the request again.
  return statusCode >= 400 && statusCode < 500
    ? answer(statusCode, message)
    : otlpAnswer(new Failure('NOT_TAKEN'));
}

function answer(statusCode: number, message: string, retryAfterSeconds?: number): OtlpAnswer {
  return { statusCode, code: CODES[statusCode] ?? RpcCode.invalidArgument, message, retryAfterSeconds };
}

/** The answer over gRPC to a call that failed with any error. A call that may be repeated is UNAVAILABLE. */
export function toRpcStatus(error: unknown): RpcStatus {
  const { code, message, retryAfterSeconds } = otlpAnswer(error);
  if (retryAfterSeconds === undefined) return { code, message };
  return { code: RpcCode.unavailable, message, retryDelaySeconds: retryAfterSeconds };
}

function statusOf(error: unknown): number {
  const status = error instanceof Error && 'statusCode' in error ? error.statusCode : undefined;
  return typeof status === 'number' ? status : 500;
}
