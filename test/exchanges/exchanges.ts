import { once } from 'node:events';
import { connect as connectHttp2 } from 'node:http2';
import type { Socket } from 'node:net';
import { connect } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { until } from '../helpers/until.ts';

/** Milliseconds that a handler waits, less what timers round: see server.cjs. */
const LEAST_MS = 98;

/** What the asker knows of a request: the truth that the request's span is compared with. */
export interface Asked {
  readonly path: string;
  /** The received status; undefined where the asker left before. */
  readonly status: number | undefined;
  /** Whether the asker left before it had all that was promised. */
  readonly left?: boolean;
  /** The least time that the handler took. */
  readonly leastMs?: number;
}

/** A kind of exchange: what is sent and read. The server gets each path once. */
export interface Exchange {
  readonly what: string;
  /** Whether frameworks for calls of functions take part, which answer no other status or body. */
  readonly isCall?: boolean;
  ask(port: number, path: (kind: string) => string): Promise<readonly Asked[]>;
}

const JSON_BODY = '{"query":"{ done }"}';
const LARGE_BODY = `{"query":"{ done }","extensions":{"more":"${'x'.repeat(300_000)}"}}`;

const head = (method: string, path: string, headers: readonly string[] = []) =>
  [`${method} ${path} HTTP/1.1`, 'Host: a', ...headers, '\r\n'].join('\r\n');
const post = (path: string, body = JSON_BODY, more: readonly string[] = []) =>
  head('POST', path, ['Content-Type: application/json', `Content-Length: ${body.length}`, ...more]) + body;

/** A connection that keeps what it receives. */
class Connection {
  readonly socket: Socket;
  received = '';

  constructor(port: number) {
    this.socket = connect(port, '127.0.0.1').setEncoding('latin1').setNoDelay();
    this.socket.on('error', () => {}).on('data', (data) => (this.received += data));
  }

  send(text: string): this {
    this.socket.write(text);
    return this;
  }

  /** The statuses of all answers but 100. */
  statuses(): number[] {
    return [...this.received.matchAll(/HTTP\/1\.1 (\d+)/g)]
      .map(([, code]) => Number(code))
      .filter((code) => code > 100);
  }

  /** Waits until bodies have come whole, and returns the statuses. */
  async answers(count: number): Promise<number[]> {
    await until(() => this.received.split('made').length > count, {
      what: () => `${count} answers: ${this.received.slice(0, 500)}`,
    });
    return this.statuses();
  }

  /** The same for answers without a body. */
  async status(): Promise<number | undefined> {
    await until(() => this.statuses().length > 0);
    return this.statuses()[0];
  }
}

/** One request that is answered whole. */
function answered(
  what: string,
  kind: string,
  request: (path: string) => string,
  more: Partial<Exchange> & { leastMs?: number } = {},
): Exchange {
  const { leastMs = LEAST_MS, ...rest } = more;
  return {
    what,
    ...rest,
    async ask(port, pathOf) {
      const path = pathOf(kind);
      const connection = new Connection(port).send(request(path));
      const [status] = await connection.answers(1);
      connection.socket.end();
      return [{ path, status, leastMs }];
    },
  };
}

/** Several requests in one packet on one connection. */
const pipelined = (count: number): Exchange => ({
  what: `${count} POST in one packet`,
  isCall: true,
  async ask(port, pathOf) {
    const paths = Array.from({ length: count }, () => pathOf('wait'));
    const connection = new Connection(port).send(paths.map((path) => post(path)).join(''));
    const statuses = await connection.answers(count);
    connection.socket.end();
    return paths.map((path, index) => ({ path, status: statuses[index], leastMs: LEAST_MS }));
  },
});

/** The asker leaves: when the server has had `requests`, or after the first bytes of an answer. */
const left = (
  what: string,
  kind: string,
  requests: (path: string) => string,
  more: Partial<Exchange> & { count?: number; isBegun?: boolean } = {},
): Exchange => {
  const { count = 1, isBegun = false, ...rest } = more;
  return {
    what,
    ...rest,
    async ask(port, pathOf) {
      const paths = Array.from({ length: count }, () => pathOf(kind));
      const connection = new Connection(port).send(paths.map(requests).join(''));
      if (isBegun) await until(() => connection.received.includes('\r\n\r\n'));
      else await wait(150);
      connection.socket.destroy();
      return paths.map((path) => ({ path, status: isBegun ? 200 : undefined, left: kind !== 'events' }));
    },
  };
};

/** What is asked of servers of HTTP/1. */
export const EXCHANGES: readonly Exchange[] = [
  answered('GET', 'wait', (path) => head('GET', path), { isCall: true }),
  answered('POST of JSON', 'wait', (path) => post(path), { isCall: true }),
  answered('an upload', 'wait', (path) => post(path, LARGE_BODY), { isCall: true }),
  answered(
    'a body in chunks',
    'wait',
    (path) =>
      `${head('POST', path, ['Content-Type: application/json', 'Transfer-Encoding: chunked'])}a\r\n${JSON_BODY.slice(0, 10)}\r\na\r\n${JSON_BODY.slice(10)}\r\n0\r\n\r\n`,
    { isCall: true },
  ),
  answered('a body that is never read', 'unread', (path) => post(path)),
  answered('an answer at once after the body', 'at-once', (path) => post(path), { isCall: true, leastMs: 0 }),
  answered('a POST answered with 500', 'fail', (path) => post(path)),
  answered('an upgrade that the server does not take', 'wait', (path) =>
    head('GET', path, ['Connection: upgrade', 'Upgrade: other']),
  ),
  {
    what: 'an early answer before the body',
    async ask(port, pathOf) {
      const path = pathOf('early');
      const connection = new Connection(port).send(post(path, LARGE_BODY).slice(0, 1_000));
      const [status] = await connection.answers(1);
      connection.socket.destroy();
      return [{ path, status }];
    },
  },
  {
    what: '100-continue',
    isCall: true,
    async ask(port, pathOf) {
      const path = pathOf('wait');
      const connection = new Connection(port).send(
        post(path, JSON_BODY, ['Expect: 100-continue']).slice(0, -JSON_BODY.length),
      );
      await until(() => connection.received.includes('100 Continue'));
      const [status] = await connection.send(JSON_BODY).answers(1);
      connection.socket.end();
      return [{ path, status, leastMs: LEAST_MS }];
    },
  },
  pipelined(3),
  pipelined(12),
  {
    what: '20 after each other on one connection',
    isCall: true,
    async ask(port, pathOf) {
      const paths = Array.from({ length: 20 }, (_, index) => pathOf(index % 5 === 0 ? 'wait' : 'at-once'));
      const connection = new Connection(port);
      for (const [index, path] of paths.entries())
        await connection.send(index % 2 ? post(path) : head('GET', path)).answers(index + 1);
      connection.socket.end();
      const statuses = connection.statuses();
      return paths.map((path, index) => ({
        path,
        status: statuses[index],
        leastMs: index % 5 === 0 ? LEAST_MS : 0,
      }));
    },
  },
  {
    what: 'a slow reader',
    async ask(port, pathOf) {
      const path = pathOf('large');
      const connection = new Connection(port).send(head('GET', path));
      await connection.status();
      connection.socket.pause();
      await wait(100);
      connection.socket.resume();
      const [status] = await connection.answers(1);
      connection.socket.end();
      return [{ path, status, leastMs: LEAST_MS }];
    },
  },
  {
    what: 'a reset after the answer',
    isCall: true,
    async ask(port, pathOf) {
      const path = pathOf('wait');
      const connection = new Connection(port).send(post(path));
      const [status] = await connection.answers(1);
      connection.socket.resetAndDestroy();
      return [{ path, status, leastMs: LEAST_MS }];
    },
  },
  ...(['HEAD', 'GET'] as const).map(
    (method): Exchange => ({
      what: method === 'HEAD' ? 'HEAD' : '304',
      async ask(port, pathOf) {
        const path = pathOf(method === 'HEAD' ? 'wait' : 'not-modified');
        const connection = new Connection(port).send(head(method, path));
        const status = await connection.status();
        connection.socket.end();
        return [{ path, status, leastMs: LEAST_MS }];
      },
    }),
  ),
  left('a reader of events leaves', 'events', (path) => head('GET', path), { isBegun: true }),
  left('the client of a GET leaves', 'long', (path) => head('GET', path), { isCall: true }),
  left('the client leaves after its body', 'long', (path) => post(path), { isCall: true }),
  left('the client leaves within its body', 'long', (path) => post(path, LARGE_BODY).slice(0, 1_000), {
    isCall: true,
  }),
  left('the client leaves within the answer', 'large', (path) => head('GET', path), { isBegun: true }),
  left('the client of three POST in one packet leaves', 'long', (path) => post(path), {
    isCall: true,
    count: 3,
  }),
];

/** A request over HTTP/2. @param leaves `waiting`: before the answer; `reading`: after its first bytes */
const stream = (
  what: string,
  method: string,
  kind: string,
  body?: string,
  leaves?: 'waiting' | 'reading',
  count = 1,
): Exchange => ({
  what: `${what} over HTTP/2`,
  async ask(port, pathOf) {
    const session = connectHttp2(`http://127.0.0.1:${port}`).on('error', () => {});
    const asked = Array.from({ length: count }, async (): Promise<Asked> => {
      const path = pathOf(kind);
      const request = session.request(
        { ':method': method, ':path': path, 'content-type': 'application/json' },
        { endStream: body === undefined },
      );
      request.on('error', () => {});
      if (body !== undefined) request.end(body);
      if (leaves === 'waiting') {
        await wait(150);
        request.close(8);
        await once(request, 'close');
        return { path, status: undefined, left: true };
      }
      const [headers] = await once(request, 'response');
      const status = Number(headers[':status']);
      if (leaves === 'reading') {
        await once(request, 'data');
        request.close(8);
      } else request.resume();
      await once(request, 'close');
      return {
        path,
        status,
        left: leaves === 'reading' && kind !== 'events',
        leastMs: leaves === undefined && kind !== 'at-once' ? LEAST_MS : 0,
      };
    });
    const all = await Promise.all(asked);
    session.close();
    return all;
  },
});

/** What is asked of servers of HTTP/2. */
export const HTTP2_EXCHANGES: readonly Exchange[] = [
  stream('GET', 'GET', 'wait'),
  stream('POST of JSON', 'POST', 'wait', JSON_BODY),
  stream('an upload', 'POST', 'wait', LARGE_BODY),
  stream('a body that is never read', 'POST', 'unread', JSON_BODY),
  stream('an answer at once after the body', 'POST', 'at-once', JSON_BODY),
  stream('20 POST on one connection', 'POST', 'wait', JSON_BODY, undefined, 20),
  stream('a POST answered with 500', 'POST', 'fail', JSON_BODY),
  stream('HEAD', 'HEAD', 'wait'),
  stream('304', 'GET', 'not-modified'),
  stream('a large answer', 'GET', 'large'),
  stream('a reader of events leaves', 'GET', 'events', undefined, 'reading'),
  stream('the client of a GET leaves', 'GET', 'long', undefined, 'waiting'),
  stream('the client of three POST leaves', 'POST', 'long', JSON_BODY, 'waiting', 3),
  stream('the client leaves within the answer', 'GET', 'large', undefined, 'reading'),
];
