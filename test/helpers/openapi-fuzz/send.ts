import type { IncomingMessage } from 'node:http';
import { Agent, request } from 'node:http';
import { buffer } from 'node:stream/consumers';
import type { FuzzedRequest } from './requests.ts';

/** A server that does not read a request to its end closes the connection, and the answer may be lost. */
const SMALL_BODY_BYTES = 64 * 1024;
/** Without a byte: an export of a thousand traces takes its time. */
const SILENT_MS = 60_000;

/** The answer to a request. */
export interface FuzzedAnswer {
  readonly status: number;
  /** Without parameters; empty when there is none. */
  readonly type: string;
  readonly headers: IncomingMessage['headers'];
  /** Empty for a stream that goes on until the client leaves. */
  readonly body: string;
}

/** Sends requests to a server, a few at a time. */
export class FuzzClient {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 16 });
  readonly #origin: URL;

  constructor(origin: string) {
    this.#origin = new URL(origin);
  }

  /**
   * Undefined when a large body was refused so early that the answer did not arrive.
   * @throws Error when there is no answer
   */
  async send(sent: FuzzedRequest): Promise<FuzzedAnswer | undefined> {
    try {
      return await this.#once(sent, this.#agent);
    } catch {
      // On a connection of its own: a kept one may have been closed before.
      return this.#once(sent).catch((error: unknown) => {
        if ((sent.body?.length ?? 0) > SMALL_BODY_BYTES) return undefined;
        throw error;
      });
    }
  }

  close(): void {
    this.#agent.destroy();
  }

  #once({ method, target, headers, body }: FuzzedRequest, agent?: Agent): Promise<FuzzedAnswer> {
    const { hostname: host, port } = this.#origin;
    return new Promise((resolve, reject) => {
      const outgoing = request({
        agent: agent ?? false,
        host,
        port,
        method,
        path: target,
        headers: { ...headers, ...(body !== undefined && { 'content-length': Buffer.byteLength(body) }) },
        timeout: SILENT_MS,
      });
      outgoing.on('error', reject);
      outgoing.on('timeout', () => outgoing.destroy(new Error(`no byte within ${SILENT_MS} ms`)));
      outgoing.on('response', (response) => {
        answerOf(response).then(resolve, reject);
      });
      outgoing.end(body);
    });
  }
}

async function answerOf(response: IncomingMessage): Promise<FuzzedAnswer> {
  const { statusCode: status = 0, headers } = response;
  const type = String(headers['content-type'] ?? '')
    .split(';', 1)[0]
    ?.trim();
  if (type === 'text/event-stream') {
    response.on('error', () => {}); // leaving is all that is left to do
    response.destroy();
    return { status, type, headers, body: '' };
  }
  return { status, type: type ?? '', headers, body: (await buffer(response)).toString() };
}
