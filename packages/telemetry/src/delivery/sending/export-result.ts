import type { IncomingMessage } from 'node:http';
import type { ExportFailure } from '../../export/export-failure.ts';
import { classifyExportFailure } from '../../export/export-failure.ts';
import { decodeExportResponse } from '../encoding/export-response.ts';

/**
 * What became of one attempt, by the OTLP specification ("Failures", "OTLP/HTTP Response"):
 * taken (perhaps not every span), to be tried again later, too large to be taken whole, or refused for good.
 */
export type ExportResult =
  | { readonly kind: 'taken'; readonly rejectedSpans: number; readonly failure: ExportFailure | undefined }
  | { readonly kind: 'retry' | 'too-large' | 'refused'; readonly failure: ExportFailure };

const RETRYABLE_STATUSES = [429, 502, 503, 504];

/** Reads an HTTP answer; every status outside 2xx, 413 and the retryable ones is final, redirects too. */
export function resultOfResponse(url: string, response: IncomingMessage, body: Buffer): ExportResult {
  const { statusCode = 0, headers } = response;
  if (statusCode >= 200 && statusCode < 300) {
    const { rejectedSpans, message } = decodeExportResponse(body);
    if (rejectedSpans === 0 && message === '') return { kind: 'taken', rejectedSpans, failure: undefined };
    const partialSuccess = { rejectedSpans, errorMessage: message };
    return { kind: 'taken', rejectedSpans, failure: classifyExportFailure({ partialSuccess }, url) };
  }
  const failure = classifyExportFailure({ statusCode, headers, body }, url);
  if (statusCode === 413) return { kind: 'too-large', failure };
  return { kind: RETRYABLE_STATUSES.includes(statusCode) ? 'retry' : 'refused', failure };
}

/** Reads a failure of the network, of TLS or of time: always worth another attempt. */
export function resultOfError(url: string, error: unknown): ExportResult {
  return { kind: 'retry', failure: classifyExportFailure(error, url) };
}
