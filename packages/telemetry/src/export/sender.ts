import type { IncomingMessage } from 'node:http';
import http from 'node:http';
import https from 'node:https';
import { promisify } from 'node:util';
import { constants, gzip } from 'node:zlib';
import { context, ROOT_CONTEXT } from '@opentelemetry/api';
import type { ExportSignal } from '@tandem/otlp/protobuf';
import { decodeExportResponse } from '@tandem/otlp/protobuf';
import type { ExportFailure } from '../failures/export-failure.ts';
import { failureOfAnswer, failureOfError, failureOfPartialSuccess } from '../failures/export-failure.ts';
import { proxyOptions } from '../failures/proxy.ts';
import { suppressTracing } from '../opentelemetry/sdk.ts';
import type { Destination } from '../settings/destinations.ts';
import type { Batch } from '../wire/batch.ts';

/**
 * What became of one attempt, by the OTLP specification ("Failures", "OTLP/HTTP Response"):
 * taken (perhaps not every item), to be tried again later, too large to be taken whole, or refused for good.
 */
export type SendOutcome =
  | { readonly kind: 'taken'; readonly rejected: number; readonly failure: ExportFailure | undefined }
  | { readonly kind: 'retry' | 'too-large' | 'refused'; readonly failure: ExportFailure };

/** Sends batches to one destination by OTLP/HTTP. */
export interface Sender {
  /** One attempt, within the destination's timeout. Never rejects. */
  post(batch: Batch): Promise<SendOutcome>;
  /** Ends what is under way, as failures to be retried, and closes the connections. */
  close(): void;
}

/** An answer is a few bytes; a page of a proxy may be longer, and only its start is of use. */
const MAX_RESPONSE_BYTES = 64 * 1024;

/** What writing to a connection fails with that the other side has closed. */
const STALE_CODES = ['ECONNRESET', 'EPIPE'];

const compress = promisify(gzip);

/**
 * A client on node:http(s) with connections kept alive. Nothing that it does is traced. Redirects are not followed:
 * the headers have a key in them.
 */
export function createSender(destination: Destination, timeoutMs: number, signal: ExportSignal): Sender {
  const url = new URL(destination.url);
  const { request, Agent } = url.protocol === 'https:' ? https : http;
  const agent = new Agent({ keepAlive: true, ...proxyOptions(destination.url), ...destination.tls });
  const headers = {
    'user-agent': 'Tandem-OTLP-Exporter',
    ...destination.headers,
    'content-type': 'application/x-protobuf',
    ...(destination.compression === 'gzip' && { 'content-encoding': 'gzip' }),
  };
  const underWay = new Set<http.ClientRequest>();
  const untraced = suppressTracing(ROOT_CONTEXT);

  const send = (body: Buffer) =>
    new Promise<SendOutcome>((resolve) => {
      const options = { method: 'POST', agent, headers: { ...headers, 'content-length': body.length } };
      let hasAnswered = false;
      const outgoing = request(url, options, (response) => {
        hasAnswered = true;
        const chunks: Buffer[] = [];
        let bytes = 0;
        const finish = () =>
          resolve(outcomeOfAnswer(signal, destination.url, response, Buffer.concat(chunks)));
        response.on('data', (chunk: Buffer) => {
          bytes += chunk.length;
          chunks.push(chunk);
          if (bytes <= MAX_RESPONSE_BYTES) return;
          finish();
          response.destroy();
        });
        response.on('end', finish);
        // The status has come, so it is known whether the items were taken; the rest would only be words.
        response.on('error', finish);
        response.on('aborted', finish);
      });
      const timer = setTimeout(() => outgoing.destroy(timeoutError(timeoutMs)), timeoutMs).unref();
      outgoing.on('error', (error) => {
        // The backend closed a kept-alive connection just as we wrote to it: that is no failure of the backend. The
        // next attempt takes another kept connection, or a new one when there are no more.
        const wasStale = outgoing.reusedSocket && 'code' in error && STALE_CODES.includes(String(error.code));
        if (wasStale) resolve(send(body));
        else resolve(outcomeOfError(destination.url, error));
      });
      outgoing.on('close', () => {
        clearTimeout(timer);
        underWay.delete(outgoing);
        if (hasAnswered) return;
        // Has an effect only when there was no error either.
        resolve(outcomeOfError(destination.url, new Error('The connection closed without an answer.')));
      });
      underWay.add(outgoing);
      outgoing.end(body);
    });

  return {
    async post(batch) {
      try {
        const body =
          destination.compression === 'gzip'
            ? await compress(batch.body, { level: constants.Z_BEST_SPEED })
            : batch.body;
        return await context.with(untraced, send, undefined, body);
      } catch (error) {
        return outcomeOfError(destination.url, error);
      }
    },
    close() {
      for (const outgoing of underWay) outgoing.destroy(new Error('Telemetry is shutting down.'));
      agent.destroy();
    },
  };
}

/** The name and code by which a timeout is known to the failure report. */
function timeoutError(timeoutMs: number): Error {
  return Object.assign(new Error(`No answer within ${timeoutMs} ms.`), { code: 'ETIMEDOUT' });
}

const RETRYABLE_STATUSES: readonly number[] = [429, 502, 503, 504];

/** Reads an HTTP answer; every status outside 2xx, 413 and the retryable ones is final, redirects too. */
function outcomeOfAnswer(
  signal: ExportSignal,
  url: string,
  response: IncomingMessage,
  body: Buffer,
): SendOutcome {
  const { statusCode = 0, headers } = response;
  if (statusCode >= 200 && statusCode < 300) {
    if (body.length === 0) return { kind: 'taken', rejected: 0, failure: undefined };
    const { rejected, errorMessage } = decodeExportResponse(signal, body, 'protobuf');
    if (rejected === 0 && errorMessage === '') return { kind: 'taken', rejected, failure: undefined };
    return { kind: 'taken', rejected, failure: failureOfPartialSuccess(url, errorMessage) };
  }
  const failure = failureOfAnswer(url, { statusCode, headers, body });
  if (statusCode === 413) return { kind: 'too-large', failure };
  return { kind: RETRYABLE_STATUSES.includes(statusCode) ? 'retry' : 'refused', failure };
}

/** Reads a failure of the network, of TLS or of time: always worth another attempt. */
function outcomeOfError(url: string, error: unknown): SendOutcome {
  return { kind: 'retry', failure: failureOfError(url, error) };
}
