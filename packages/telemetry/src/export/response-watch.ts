import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { ClientRequest, IncomingMessage } from 'node:http';
import type { ExportResponse } from './export-failure.ts';

/**
 * Remembers the latest answer to what node:http posts to one URL. The OTLP exporter retries 429, 502, 503 and
 * 504 by itself, and when it gives up its error has lost both the status and Retry-After.
 */
export interface ResponseWatch {
  latest(): ExportResponse | undefined;
  stop(): void;
}

/** @param url the URL that spans are posted to */
export function watchResponses(url: string): ResponseWatch {
  const { host, pathname, search } = new URL(url);
  const path = pathname + search;
  let latest: ExportResponse | undefined;

  const onResponse = (message: unknown): void => {
    const { request, response } = message as { request: ClientRequest; response: IncomingMessage };
    if (request.path !== path || request.method !== 'POST' || request.getHeader('host') !== host) return;
    latest = { statusCode: response.statusCode, headers: response.headers };
  };
  subscribe(CHANNEL, onResponse);

  return {
    latest: () => latest,
    stop: () => {
      unsubscribe(CHANNEL, onResponse);
    },
  };
}

const CHANNEL = 'http.client.response.finish';
