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
export class CallTimes {
  readonly #created: number = performance.now();
  #sent = 0;
  #connecting: Connecting | undefined;
  /** When the headers of the response arrived. */
  headersAt = 0;

  /** The request goes out on a connection. The first request on it takes the times of connecting. */
  sent(socket: Socket): void {
    this.#sent = performance.now();
    this.#connecting = connecting.get(socket);
    connecting.delete(socket);
  }

  /** Follows a request of `node:http`, which gets its socket before the socket is connected. */
  follow(request: ClientRequest): void {
    request.once('socket', (socket: Socket) => {
      if (socket.connecting) watchConnecting(socket);
      this.sent(socket);
    });
  }

  /** @param ended when the span ends */
  write(span: Span, ended = performance.now()): void {
    const created = this.#created;
    const { began = 0, lookup = 0, connect = 0, secureConnect = 0 } = this.#connecting ?? {};
    const stepUntil = (end: number, since: number) => Math.max(0, end - Math.max(since, created));
    const dns = stepUntil(lookup, began);
    const tcp = stepUntil(connect, lookup || began);
    const tls = stepUntil(secureConnect, connect);
    // `node:http` has sent nothing before its socket is connected.
    const sent = Math.max(this.#sent, connect, secureConnect);
    const isKnown = sent > 0 || this.headersAt === 0; // HTTP/2 of undici before 8 does not tell of the headers
    const waiting = isKnown ? (sent || ended) - created - dns - tcp - tls : 0;
    const hasAnswer = sent > 0 && this.headersAt > 0;
    writeCallParts(span, ended - created, {
      waiting,
      dns,
      connect: tcp,
      tls,
      ...(hasAnswer && { first_byte: this.headersAt - sent, receiving: ended - this.headersAt }),
    });
  }
}

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
