import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Test } from 'tap';

/** A server in user-lookup's place. */
export interface StandIn {
  readonly origin: string;
  /** Answers the requests. A test may replace it. */
  answer: (request: IncomingMessage, response: ServerResponse) => void;
  /** Requests that arrived. */
  readonly requests: number;
  /** Cuts all connections and stops listening. */
  close(): Promise<void>;
}

/** Starts a server in user-lookup's place, until the test ends. */
export async function startStandIn(t: Test, answer: StandIn['answer'], port = 0): Promise<StandIn> {
  let requests = 0;
  const server = createServer((request, response) => {
    requests++;
    standIn.answer(request, response);
  }).listen(port, '127.0.0.1');
  await once(server, 'listening');
  const standIn = {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    answer,
    get requests() {
      return requests;
    },
    async close() {
      server.closeAllConnections();
      if (server.listening) await new Promise((resolve) => server.close(resolve));
    },
  };
  t.teardown(() => standIn.close());
  return standIn;
}

/** The handles that a request asks for. */
function askedFor({ url = '' }: IncomingMessage): string[] {
  return new URL(url, 'http://x').searchParams.getAll('handle');
}

/** Answers as user-lookup does when everybody exists. */
export function knowAll(request: IncomingMessage, response: ServerResponse): void {
  const users = askedFor(request).map((handle) => ({
    handle,
    display_name: `The ${handle}`,
    avatar_url: `https://avatars.example/${handle}.svg`,
  }));
  response.setHeader('content-type', 'application/json').end(JSON.stringify({ users, missing: [] }));
}

/** Takes requests and never answers. */
export function beSilent(): void {}

/** Answers 200 and then byte after byte, until the connection is closed. */
export function drip(_request: IncomingMessage, response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'application/json' });
  const timer = setInterval(() => response.write(' '), 5);
  response.on('close', () => clearInterval(timer));
}

/** Answers 200 with a list without any of the requested users. */
export function leaveOut(_request: IncomingMessage, response: ServerResponse): void {
  response.setHeader('content-type', 'application/json').end('{"users":[],"missing":[]}');
}

/** Answers 200 with ten megabytes. */
export function endless(_request: IncomingMessage, response: ServerResponse): void {
  response.setHeader('content-type', 'application/json').end(Buffer.alloc(10 * 1024 * 1024, ' '));
}

/** Answers 200 as some proxies do. */
export function html(_request: IncomingMessage, response: ServerResponse): void {
  response.setHeader('content-type', 'text/html').end('<html><body>It works!</body></html>');
}
