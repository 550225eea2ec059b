import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export const INGEST_KEY = `hcaik_${'0a1b2c3d4e'.repeat(5)}f6g7h8i9`;
export const CONFIGURATION_KEY = 'Qw3rT9zUi0pAsD5fGh7JkL';
export const CLASSIC_KEY = '0123456789abcdef0f1e2d3c4b5a6978';
export const CLASSIC_INGEST_KEY = `hcbic_${'9z8y7x6w5v'.repeat(5)}4u3t2s1r`;

/** The answer to GET /1/auth that Honeycomb documents, for a key that may do everything. */
export const AUTH_ANSWER = {
  id: 'hcaik_01h2xcejqtf2nbrexx3vqjhp41',
  type: 'ingest',
  api_key_access: { events: true, markers: false, triggers: false, createDatasets: true },
  environment: { name: 'Production', slug: 'production' },
  team: { name: 'Honeycomb Docs', slug: 'honeycomb-docs' },
};

export interface FakeHoneycomb {
  readonly url: string;
  /** The requests, in order. */
  readonly requests: { url: string | undefined; headers: IncomingHttpHeaders }[];
  close(): Promise<void>;
}

/** Listens on a free port of the loopback. `answer` defaults to Honeycomb's behaviour for one known key. */
export async function fakeHoneycomb(
  answer: (request: IncomingMessage, response: ServerResponse) => void = knowsOneKey,
): Promise<FakeHoneycomb> {
  const requests: FakeHoneycomb['requests'] = [];
  const server = createServer((request, response) => {
    requests.push({ url: request.url, headers: request.headers });
    request.resume();
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

export function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

function knowsOneKey(request: IncomingMessage, response: ServerResponse): void {
  if (request.method !== 'GET' || request.url !== '/1/auth') sendJson(response, 404, { error: 'not found' });
  else if (request.headers['x-honeycomb-team'] === INGEST_KEY) sendJson(response, 200, AUTH_ANSWER);
  else sendJson(response, 401, { error: 'unknown API key - check your credentials' });
}
