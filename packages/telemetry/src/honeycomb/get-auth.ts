import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { context, ROOT_CONTEXT } from '@opentelemetry/api';
import { suppressTracing } from '../opentelemetry/sdk.ts';

/** The documented answer has about 400 bytes. */
const MAX_BODY_BYTES = 64 * 1024;

export interface AuthRequest {
  /** The whole URL of `/1/auth`. */
  readonly url: string;
  readonly apiKey: string;
  readonly timeoutMs: number;
  /** PEM of the CA to trust instead of the system's, as OTEL_EXPORTER_OTLP_CERTIFICATE names it. */
  readonly ca?: string | undefined;
}

export interface AuthAnswer {
  readonly status: number;
  readonly body: string;
}

/**
 * Asks Honeycomb what a key may do. Uses node:http, as the exporter does, so that certificates, proxies and
 * names are met here as they will be there. Makes no span and sends no traceparent.
 *
 * @throws whatever node:http fails with, and a TimeoutError after `timeoutMs`, which bounds name look-up,
 *   connection and body together
 */
export function getAuth(options: AuthRequest): Promise<AuthAnswer> {
  return context.with(suppressTracing(ROOT_CONTEXT), () => send(options));
}

function send({ url, apiKey, timeoutMs, ca }: AuthRequest): Promise<AuthAnswer> {
  return new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(timeoutMs);
    const fail = (error: unknown): void => reject(signal.aborted ? signal.reason : error);
    const send = url.startsWith('https:') ? requestHttps : requestHttp;
    const request = send(url, {
      signal,
      headers: { 'x-honeycomb-team': apiKey, accept: 'application/json', connection: 'close' },
      ...(ca !== undefined && { ca }),
    });
    request.on('error', fail);
    request.on('response', (response) => {
      const chunks: Buffer[] = [];
      let size = 0;
      response.on('error', fail);
      response.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size <= MAX_BODY_BYTES) chunks.push(chunk);
        else response.destroy(new Error(`the answer is longer than ${MAX_BODY_BYTES} bytes`));
      });
      response.on('end', () => {
        resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() });
      });
    });
    request.end();
  });
}
