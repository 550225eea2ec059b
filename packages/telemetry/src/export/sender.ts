import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import http from 'node:http';
import https from 'node:https';
import { promisify } from 'node:util';
import { constants, gzip } from 'node:zlib';
import { context, ROOT_CONTEXT } from '@opentelemetry/api';
import type { ExportFailure } from '../report/export-failure.ts';
import { failureOfAnswer, failureOfError } from '../report/export-failure.ts';
import { isError } from '../process/is-error.ts';
import { suppressTracing } from '../opentelemetry/sdk.ts';
import type { Destination } from '../settings/destinations.ts';
import type { Batch } from '../wire/batch.ts';
import type { SignalName } from './signal.ts';

/**
 * The outcome of one attempt, by the OTLP specification ("Failures", "OTLP/HTTP Response"):
 * taken (perhaps not every item), to be tried again later, too large to be taken whole, or refused for good.
 */
export type SendOutcome =
  | { readonly kind: 'taken'; readonly rejected: number; readonly failure: ExportFailure | undefined }
  | {
      readonly kind: 'retry' | 'too-large' | 'refused';
      readonly failure: ExportFailure;
      readonly rejected?: never;
    };

/** Sends batches to one destination by OTLP/HTTP. */
export interface Sender {
  /** One attempt, within `timeoutMs`. Does not reject. */
  post(batch: Batch, timeoutMs: number): Promise<SendOutcome>;
  /** Ends requests under way, as failures to be retried, and closes the connections. */
  close(): void;
}

/** An answer is a few bytes. A page of a proxy may be longer, and only its start is of use. A chunk has at most 64 KiB. */
const MAX_ANSWER_CHUNKS = 2;

/** Errors of writing to a connection that the other side has closed. */
const STALE_CODES = ['ECONNRESET', 'EPIPE'];

const compress = promisify(gzip);

/**
 * A client on node:http(s) with connections kept alive. Its requests are not traced. It follows no redirect, because
 * the headers have a key in them.
 */
export function createSender(destination: Destination, signal: SignalName['name']): Sender {
  const url = new URL(destination.url);
  const { request, Agent } = url.protocol === 'https:' ? https : http;
  const agent = new Agent({ keepAlive: true, ...proxyOptions(destination.url), ...destination.tls });
  const isGzip = destination.compression === 'gzip';
  const headers = {
    'user-agent': 'Tandem-OTLP-Exporter',
    ...destination.headers,
    'content-type': 'application/x-protobuf',
    ...(isGzip && { 'content-encoding': 'gzip' }),
  };
  const underWay = new Set<http.ClientRequest>();
  const untraced = suppressTracing(ROOT_CONTEXT);

  /** @throws Error of the network, of TLS or of time */
  async function send(sent: Buffer, timeoutMs: number): Promise<SendOutcome> {
    const outgoing = request(url, {
      method: 'POST',
      agent,
      headers: { ...headers, 'content-length': sent.length },
    });
    const giveUp = () =>
      outgoing.destroy(new DOMException(`No answer within ${Math.round(timeoutMs)} ms.`, 'TimeoutError'));
    const timer = setTimeout(giveUp, timeoutMs).unref();
    underWay.add(outgoing);
    try {
      const answer = once(outgoing, 'response');
      outgoing.end(sent);
      const [response]: IncomingMessage[] = await answer;
      if (!response) throw new Error('The connection closed without an answer.');
      const chunks = response.take(MAX_ANSWER_CHUNKS).toArray();
      // When the body breaks off, the status says enough.
      const body = Buffer.concat(await chunks.catch(() => []));
      return await outcomeOfAnswer(signal, destination.url, response, body);
    } catch (error) {
      // The backend closed a kept-alive connection just as we wrote to it, which is no failure of the backend. The next
      // attempt takes another connection.
      const isStale = outgoing.reusedSocket && isError(error) && 'code' in error;
      if (isStale && STALE_CODES.includes(String(error.code))) return send(sent, timeoutMs);
      throw error;
    } finally {
      clearTimeout(timer);
      underWay.delete(outgoing);
    }
  }

  return {
    async post({ body }, timeoutMs) {
      try {
        const sent = isGzip ? await compress(body, { level: constants.Z_BEST_SPEED }) : body;
        return await context.with(untraced, send, undefined, sent, timeoutMs);
      } catch (error) {
        return { kind: 'retry', failure: failureOfError(destination.url, error) };
      }
    },
    close() {
      for (const outgoing of underWay) outgoing.destroy(new Error('Telemetry is shutting down.'));
      agent.destroy();
    },
  };
}

/** Options with which our agent uses a proxy where Node's own agent does (NODE_USE_ENV_PROXY). */
function proxyOptions(url: string): { readonly proxyEnv?: NodeJS.ProcessEnv } {
  const { globalAgent } = url.startsWith('https:') ? https : http;
  // Not among its types.
  const { proxyEnv } = Reflect.get(globalAgent, 'options');
  return proxyEnv === undefined ? {} : { proxyEnv };
}

/** The retryable statuses of OTLP, and statuses of a wrong key, path or proxy, because a person mends the setting. */
const RETRIED: readonly number[] = [401, 403, 404, 405, 407, 429, 502, 503, 504];

/** Whether an answer without success is worth another attempt. A backend of traces alone has no path for log records. */
function isRetried({ cause, status = 0 }: ExportFailure, signal: SignalName['name']): boolean {
  if (signal === 'logs' && cause === 'not-found') return false;
  return cause === 'redirected' || RETRIED.includes(status);
}

/** Reads an HTTP answer. */
async function outcomeOfAnswer(
  signal: SignalName['name'],
  url: string,
  { statusCode = 0, headers }: IncomingMessage,
  body: Buffer,
): Promise<SendOutcome> {
  if (statusCode < 200 || statusCode >= 300) {
    const failure = await failureOfAnswer(url, statusCode, headers, body);
    if (statusCode === 413) return { kind: 'too-large', failure };
    return { kind: isRetried(failure, signal) ? 'retry' : 'refused', failure };
  }
  const taken = { kind: 'taken', rejected: 0, failure: undefined } as const;
  if (body.length === 0) return taken;
  // Loaded for the first answer that has something to say.
  const { decodeExportResponse } = await import('@tandem/otlp/protobuf');
  const { rejected, errorMessage: detail } = decodeExportResponse(signal, body, 'protobuf');
  if (rejected === 0 && detail === '') return taken;
  return { kind: 'taken', rejected, failure: { url, cause: 'partly-rejected', ...(detail && { detail }) } };
}
