import type { RequestListener, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { onResponseClosed } from '@tandem/telemetry/response-closed';
import { answerWith, shuttingDown } from '../problems/problems.ts';
import { connectionsWaiting } from './waiting-connections.ts';

/** New connections that the kernel keeps until the process accepts them. */
export const BACKLOG = 1024;
/**
 * Longest time in which connections are still taken, in milliseconds, and as long again for those that wait when it is over: a
 * process that hardly runs on a busy machine has not come to them.
 */
const TAKING_MS = 1000;
/** After this time without a new connection, and without a request on an old one, none waits any more, in milliseconds. */
const QUIET_MS = 60;
/** Time for a connection that has sent nothing, as browsers open some in advance, in milliseconds. */
const SILENT_MS = 1000;
/** Time for the answers of requests that are cut to leave, in milliseconds. */
const LEAVING_MS = 250;
/** Time for what `close` still has to do without a connection, in milliseconds: a database may hang. */
const CLOSING_MS = 500;

/** The end of a server, in steps that have a time each. */
export interface Drain {
  /**
   * Takes the connections that wait in the kernel's queue, because closing the port resets them, and closes the port: within
   * about a second, however many callers come, and within two on a busy machine. What was taken is answered until `withinMs` is
   * over, then with 503. Resolves when no connection is left.
   *
   * @param close closes the server, and what it needs
   * @throws the error of `close`
   */
  end(withinMs: number, close: () => Promise<unknown>): Promise<void>;
  /** For a process that may be broken: the callers that wait at the port, and those whose time is over, get no answer. */
  endAtOnce(withinMs: number, close: () => Promise<unknown>): Promise<void>;
}

/** Follows the connections of a server, to end it in time. To be called before the server listens. */
export function drainOf(server: Server): Drain {
  const connections = new Set<Socket>();
  const open = new Set<ServerResponse>();
  server.on('connection', (socket) => {
    connections.add(socket);
    socket.once('close', () => connections.delete(socket));
  });
  server.on('request', (request, response) => {
    open.add(response);
    onResponseClosed(request, response, () => open.delete(response));
  });

  const silent = () => [...connections].filter(({ bytesRead }) => bytesRead === 0);
  /** Whether nobody is there whose next request could follow. */
  const isIdle = () => connections.size + connectionsWaiting(server) === 0;

  /**
   * A server that closes ends only the connections without a request. One whose answer came later would stay until the time is
   * over, and a caller who keeps it would send the next request to a connection that ends.
   */
  function endConnections(): void {
    for (const response of open) beLast(undefined, response);
    server.prependListener('request', beLast);
  }

  async function closePort(): Promise<void> {
    await nextTurn();
    if (isIdle()) return void server.close();
    // A caller whose request is answered comes again, with a connection that is new, and the queue would never be empty.
    const release = holdRequests(server);
    await untilQuiet(server);
    server.close();
    release();
  }

  async function endWithin(withinMs: number, close: () => Promise<unknown>, last = () => {}): Promise<void> {
    const closed = close();
    const late = setTimeout(endSilent, SILENT_MS);
    await within(Promise.allSettled([closed]), withinMs);
    clearTimeout(late);
    last();
    const ended = Promise.all([...connections].map(closeOf));
    await within(ended, LEAVING_MS);
    // The span of a request that is cut ends with its connection.
    for (const socket of connections) socket.destroy();
    await ended;
    await within(closed, CLOSING_MS);
  }

  async function endSilent(): Promise<void> {
    await nextTurn(); // reads what a loop that stood still has not read before its timers
    for (const socket of silent()) socket.destroy();
  }

  function refuseOpen(): void {
    const refuse = answerWith(shuttingDown(), { connection: 'close' });
    for (const response of open) if (!response.headersSent) refuse(response);
  }

  return {
    async end(withinMs, close) {
      const began = performance.now();
      endConnections();
      if (server.listening) await closePort();
      await endWithin(Math.max(0, withinMs - (performance.now() - began)), close, refuseOpen);
    },
    endAtOnce(withinMs, close) {
      endConnections();
      return endWithin(withinMs, close);
    },
  };
}

/** Resolves when the work has ended, or when its time is over. @throws the error of the work */
async function within(work: Promise<unknown>, milliseconds: number): Promise<void> {
  const { promise: late, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, milliseconds);
  await Promise.race([work, late]).finally(() => clearTimeout(timer));
}

/** Resolves when a connection has closed, also when its caller has broken it off. */
function closeOf(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.once('close', () => resolve()));
}

/** Makes an answer the last one on its connection. */
function beLast(_request: unknown, response: ServerResponse): void {
  response.shouldKeepAlive = false;
}

/** Holds the requests that arrive. @returns lets them go on */
function holdRequests(server: Server): () => void {
  const listeners = server.listeners('request') as RequestListener[];
  const held: Parameters<RequestListener>[] = [];
  server.removeAllListeners('request');
  server.on('request', (...request) => held.push(request));
  return function release() {
    server.removeAllListeners('request');
    for (const listener of listeners) server.on('request', listener);
    for (const [request, response] of held)
      if (!response.destroyed) server.emit('request', request, response); // else the caller has left
  };
}

/** Resolves when no connection or request has come for a while and none waits, or when the time is over. */
async function untilQuiet(server: Server): Promise<void> {
  const began = performance.now();
  const isWithin = (milliseconds: number) => performance.now() - began < milliseconds;
  let hasCome: boolean;
  const note = () => {
    hasCome = true;
  };
  server.on('connection', note);
  server.on('request', note);
  do {
    hasCome = false;
    await sleep(QUIET_MS);
    await nextTurn(); // the same: Node takes one connection in each turn
  } while ((hasCome && isWithin(TAKING_MS)) || (connectionsWaiting(server) > 0 && isWithin(2 * TAKING_MS)));
  server.off('connection', note);
  server.off('request', note);
}
