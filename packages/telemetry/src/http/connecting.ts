import type { ClientRequest } from 'node:http';
import type { Socket } from 'node:net';
import type { Span } from '@opentelemetry/api';
import { callParts, writeCallParts } from '../api/call-parts.ts';
import { listenTo } from '../api/channels.ts';

/** When a socket began to connect, and when its steps ended: readings of `performance.now()`. */
interface Connecting {
  readonly began: number;
  lookup?: number;
  connect?: number;
  secureConnect?: number;
}

/** Connecting sockets, until their first request takes the times. */
const connecting = new WeakMap<Socket, Connecting>();

/** When what happened to a request: readings of `performance.now()`; 0 for what did not happen. */
export interface CallTimes {
  readonly created: number;
  /** When the request went out on a connection, and the connection. */
  readonly sent: number;
  readonly socket: Socket | undefined;
  /** When the headers of the response arrived. */
  readonly headersAt: number;
}

/**
 * Writes the parts of a request to its CLIENT span. The first request on a connection has the times of connecting.
 *
 * @param ended when the span ends
 */
export function writeCallTimes(span: Span, times: CallTimes, ended: number): void {
  const { created, socket, headersAt } = times;
  const { began = 0, lookup = 0, connect = 0, secureConnect = 0 } = takeConnecting(socket);
  const stepUntil = (end: number, since: number) => Math.max(0, end - Math.max(since, created));
  const dns = stepUntil(lookup, began);
  const tcp = stepUntil(connect, lookup || began);
  const tls = stepUntil(secureConnect, connect);
  // `node:http` has sent nothing before its socket is connected.
  const sent = Math.max(times.sent, connect, secureConnect);
  const isKnown = sent > 0 || headersAt === 0; // HTTP/2 of undici before 8 does not tell of the headers
  const waiting = isKnown ? (sent || ended) - created - dns - tcp - tls : 0;
  const hasAnswer = sent > 0 && headersAt > 0;
  writeCallParts(span, ended - created, {
    waiting,
    dns,
    connect: tcp,
    tls,
    ...(hasAnswer && { first_byte: headersAt - sent, receiving: ended - headersAt }),
  });
}

function takeConnecting(socket: Socket | undefined): Partial<Connecting> {
  const times = socket && connecting.get(socket);
  if (times === undefined) return {};
  connecting.delete(socket as Socket);
  return times;
}

/** Follows a request of `node:http`, which gets its socket before the socket is connected. */
export function followRequest(request: ClientRequest): Mutable<CallTimes> {
  const times: Mutable<CallTimes> = { created: performance.now(), sent: 0, socket: undefined, headersAt: 0 };
  request.once('socket', (socket: Socket) => {
    if (socket.connecting) watchConnecting(socket);
    times.socket = socket;
    times.sent = performance.now();
  });
  return times;
}

type Mutable<T> = { -readonly [Name in keyof T]: T[Name] };

/** Watches the sockets that undici opens. undici opens a socket in the same turn as it says so. @returns how to stop */
export function watchUndiciSockets(): () => void {
  let isOpening = false;
  return listenTo<{ readonly socket: Socket }>({
    'undici:client:beforeConnect': () => {
      isOpening = true;
      queueMicrotask(() => {
        isOpening = false;
      });
    },
    'net.client.socket': ({ socket }) => {
      if (isOpening) watchConnecting(socket);
      isOpening = false;
    },
  });
}

function watchConnecting(socket: Socket): void {
  if (!callParts.areWritten) return;
  const times: Connecting = { began: performance.now() };
  connecting.set(socket, times);
  for (const step of ['lookup', 'connect', 'secureConnect'] as const) {
    socket.once(step, () => {
      times[step] = performance.now();
    });
  }
}
