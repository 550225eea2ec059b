import type { IncomingMessage } from 'node:http';
import type { ExportSignal } from '@tandem/otlp/protobuf';
import { decodeExportResponse } from '@tandem/otlp/protobuf';
import type { ExportFailure } from '../failures/export-failure.ts';
import { failureOfAnswer, failureOfError, failureOfPartialSuccess } from '../failures/export-failure.ts';

/**
 * What became of one attempt, by the OTLP specification ("Failures", "OTLP/HTTP Response"):
 * taken (perhaps not every item), to be tried again later, too large to be taken whole, or refused for good.
 */
export type SendOutcome =
  | { readonly kind: 'taken'; readonly rejected: number; readonly failure: ExportFailure | undefined }
  | { readonly kind: 'retry' | 'too-large' | 'refused'; readonly failure: ExportFailure };

const RETRYABLE_STATUSES: readonly number[] = [429, 502, 503, 504];

/** Reads an HTTP answer; every status outside 2xx, 413 and the retryable ones is final, redirects too. */
export function outcomeOfAnswer(
  signal: ExportSignal,
  url: string,
  response: IncomingMessage,
  body: Buffer,
): SendOutcome {
  const { statusCode = 0, headers } = response;
  if (statusCode >= 200 && statusCode < 300) {
    const { rejected, errorMessage } = decodeExportResponse(signal, body, 'protobuf');
    if (rejected === 0 && errorMessage === '') return { kind: 'taken', rejected, failure: undefined };
    return { kind: 'taken', rejected, failure: failureOfPartialSuccess(url, errorMessage) };
  }
  const failure = failureOfAnswer(url, { statusCode, headers, body });
  if (statusCode === 413) return { kind: 'too-large', failure };
  return { kind: RETRYABLE_STATUSES.includes(statusCode) ? 'retry' : 'refused', failure };
}

/** Reads a failure of the network, of TLS or of time: always worth another attempt. */
export function outcomeOfError(url: string, error: unknown): SendOutcome {
  return { kind: 'retry', failure: failureOfError(url, error) };
}
