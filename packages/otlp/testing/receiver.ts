import { once } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import type { SecureContextOptions } from 'node:tls';
import { CONTENT_TYPES } from '../src/decode.ts';
import type { ReceivedLogRecord } from './received-log-record.ts';
import { ReceivedRequest } from './received-request.ts';
import type { ReceivedSpan } from './received-span.ts';

/** Milliseconds that tests wait for spans. */
const PATIENCE_MS = 45_000;

/** Spans named by the error when those that are waited for do not come. */
const SHOWN_SPANS = 40;

/** How a request is answered; `hang` is no answer at all, `reset` a connection that breaks. */
export type Answer =
  | {
      readonly status: number;
      readonly headers?: Record<string, string>;
      readonly body?: string | Uint8Array;
      /** The connection breaks in the middle of the body. */
      readonly isCut?: boolean;
    }
  | 'hang'
  | 'reset';

/** An OTLP/HTTP backend for traces, logs and metrics that keeps what it is sent, and answers as it is told to. */
export interface OtlpReceiver {
  /** As OTEL_EXPORTER_OTLP_ENDPOINT has it. */
  readonly url: string;
  /** As OTEL_EXPORTER_OTLP_TRACES_ENDPOINT has it. */
  readonly tracesUrl: string;
  readonly port: number;
  /** Whether requests are kept: true, until it is set to false. */
  isKeeping: boolean;
  /** Every request of traces that was kept, also those that were not answered with success. */
  readonly requests: ReceivedRequest[];
  /** Every kept request of logs. */
  readonly logRequests: ReceivedRequest[];
  /** Every kept request of metrics. */
  readonly metricRequests: ReceivedRequest[];
  /** Spans of the kept requests that were answered with success, in order, by name. */
  readonly accepted: string[];
  /** Log records of the kept requests that were answered with success, in order, by their body's text. */
  readonly acceptedLogs: string[];
  /** How requests are answered from now on; at first with 200. */
  answer: (request: ReceivedRequest) => Answer | Promise<Answer>;
  /** The spans of the kept requests, in order. */
  spans(): readonly ReceivedSpan[];
  spansOf(traceId: string): readonly ReceivedSpan[];
  /** Log records of the kept requests, in order. */
  logRecords(): readonly ReceivedLogRecord[];
  /**
   * Resolves when the condition holds; it is looked at after each request.
   * @throws Error after `timeoutMs`, saying what had come
   */
  waitFor(condition: () => boolean, timeoutMs?: number): Promise<void>;
  /** Forgets what was kept. */
  reset(): void;
  close(): Promise<void>;
}

export interface OtlpReceiverOptions {
  /** On the loopback address; default: any that is free. */
  readonly port?: number;
  /** HTTPS with this certificate; default: HTTP. */
  readonly tls?: SecureContextOptions & { readonly requestCert?: boolean };
}

/**
 * The one receiver of tests and benchmarks.
 * @example
 * const receiver = await startOtlpReceiver();
 * t.teardown(() => receiver.close());
 * // ... a service with OTEL_EXPORTER_OTLP_ENDPOINT=receiver.url is asked for something ...
 * await receiver.waitFor(() => receiver.spansOf(traceId).length === 7);
 */
export async function startOtlpReceiver({ port = 0, tls }: OtlpReceiverOptions = {}): Promise<OtlpReceiver> {
  const waits = new Set<() => void>();
  const listOf = ({ isOfLogs, isOfMetrics }: ReceivedRequest) =>
    isOfLogs ? receiver.logRequests : isOfMetrics ? receiver.metricRequests : receiver.requests;
  const handle = async (message: http.IncomingMessage, response: http.ServerResponse) => {
    const chunks: Buffer[] = [];
    for await (const chunk of message) chunks.push(chunk as Buffer);
    const request = new ReceivedRequest(message, Buffer.concat(chunks));
    const { isKeeping } = receiver;
    if (isKeeping) listOf(request).push(request);
    const answer = await receiver.answer(request);
    if (answer === 'reset') message.socket.resetAndDestroy();
    else if (answer !== 'hang') {
      if (answer.isCut) sendHalf(response, answer);
      else response.writeHead(answer.status, answer.headers).end(answer.body ?? '');
      if (isKeeping && answer.status < 300) {
        if (request.isOfLogs) receiver.acceptedLogs.push(...request.logTexts);
        else if (!request.isOfMetrics) receiver.accepted.push(...request.spanNames);
      }
    }
    for (const look of waits) look();
  };
  const listener = (message: http.IncomingMessage, response: http.ServerResponse) => {
    // A sender that is stopped cuts its last request off.
    handle(message, response).catch(() => message.socket.destroy());
  };
  const server = tls ? https.createServer(tls, listener) : http.createServer(listener);
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address() as AddressInfo;
  const url = `${tls ? 'https' : 'http'}://127.0.0.1:${address.port}`;

  const receiver: OtlpReceiver = {
    url,
    tracesUrl: `${url}/v1/traces`,
    port: address.port,
    isKeeping: true,
    requests: [],
    logRequests: [],
    metricRequests: [],
    accepted: [],
    acceptedLogs: [],
    answer: () => ({ status: 200, headers: { 'content-type': CONTENT_TYPES.protobuf } }),
    spans: () => receiver.requests.flatMap((request) => request.spans),
    logRecords: () => receiver.logRequests.flatMap((request) => request.logRecords),
    spansOf: (traceId) => receiver.spans().filter((span) => span.traceId === traceId),
    async waitFor(condition, timeoutMs = PATIENCE_MS) {
      if (condition()) return;
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const look = () => {
        if (condition()) resolve();
      };
      const giveUp = () =>
        reject(new Error(`Not within ${timeoutMs} ms: ${condition}. ${lastSpans(receiver)}`));
      const timer = setTimeout(giveUp, timeoutMs);
      waits.add(look);
      try {
        await promise;
      } finally {
        clearTimeout(timer);
        waits.delete(look);
      }
    },
    reset() {
      receiver.requests.length = 0;
      receiver.logRequests.length = 0;
      receiver.metricRequests.length = 0;
      receiver.accepted.length = 0;
      receiver.acceptedLogs.length = 0;
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return receiver;
}

/** Announces more of a body than comes. */
function sendHalf(response: http.ServerResponse, { status, headers }: Exclude<Answer, string>): void {
  response.writeHead(status, { ...headers, 'content-length': '100' });
  response.write('half', () => response.socket?.resetAndDestroy());
}

function lastSpans(receiver: OtlpReceiver): string {
  const spans = receiver.spans();
  const last = spans.slice(-SHOWN_SPANS).map((span) => `${span.traceId} ${span.service} ${span.name}`);
  const services = Map.groupBy(spans, ({ service }) => service);
  const counts = [...services].map(([service, { length }]) => `${length} of ${service}`).join(', ');
  return `The last of ${spans.length} spans that came (${counts}):\n${last.join('\n')}`;
}
