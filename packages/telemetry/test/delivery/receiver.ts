import { once } from 'node:events';
import type { IncomingHttpHeaders } from 'node:http';
import http from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import type { SecureContextOptions } from 'node:tls';
import { gunzipSync } from 'node:zlib';
import { spanNames } from './decode.ts';

/** One request, as it came. */
export interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** The names of its spans. */
  readonly spans: readonly string[];
  /** The client's end of the connection. */
  readonly remotePort: number | undefined;
}

export type Answer =
  | {
      readonly status: number;
      readonly headers?: Record<string, string>;
      readonly body?: string | Uint8Array;
    }
  | 'hang'
  | 'reset';

export interface Receiver {
  readonly url: string;
  readonly port: number;
  /** Every request, also those that were not answered with success. */
  readonly requests: Received[];
  /** Spans of the requests that were answered with success, in order, by name. */
  readonly accepted: string[];
  /** How requests are answered from now on. */
  answer: (received: Received) => Answer | Promise<Answer>;
  /** Resolves when the condition holds; it is looked at after each request. */
  until(condition: () => boolean): Promise<void>;
  close(): Promise<void>;
}

/** An OTLP/HTTP backend that answers as it is told to; on a free port of the loopback address. */
export async function startReceiver(
  options: { port?: number; tls?: SecureContextOptions & { requestCert?: boolean } } = {},
): Promise<Receiver> {
  const watchers: { condition: () => boolean; resolve: () => void }[] = [];
  const handle = async (request: http.IncomingMessage, response: http.ServerResponse) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const raw = Buffer.concat(chunks);
    const body = request.headers['content-encoding'] === 'gzip' ? gunzipSync(raw) : raw;
    const received = {
      headers: request.headers,
      body,
      spans: spanNames(body),
      remotePort: request.socket.remotePort,
    };
    receiver.requests.push(received);
    const answer = await receiver.answer(received);
    if (answer === 'reset') request.socket.resetAndDestroy();
    else if (answer !== 'hang') {
      response.writeHead(answer.status, answer.headers).end(answer.body ?? '');
      if (answer.status < 300) receiver.accepted.push(...received.spans);
    }
    for (const watcher of watchers.splice(0)) {
      if (watcher.condition()) watcher.resolve();
      else watchers.push(watcher);
    }
  };
  const listener = (request: http.IncomingMessage, response: http.ServerResponse) => {
    handle(request, response).catch(() => request.socket.destroy());
  };
  const server = options.tls ? https.createServer(options.tls, listener) : http.createServer(listener);
  server.listen(options.port ?? 0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;

  const receiver: Receiver = {
    url: `${options.tls ? 'https' : 'http'}://127.0.0.1:${port}/v1/traces`,
    port,
    requests: [],
    accepted: [],
    answer: () => ({ status: 200 }),
    async until(condition) {
      if (!condition()) await new Promise<void>((resolve) => watchers.push({ condition, resolve }));
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return receiver;
}
