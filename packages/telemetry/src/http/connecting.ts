import type { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import type { Span } from '@opentelemetry/api';
import { callParts, isWorthParts, writeCallParts } from '../api/call-parts.ts';
import { listenTo } from '../api/channels.ts';
import { monotonicNow, queueMicrotask } from '../api/primordials.ts';

/** When a connection began to open, and when its steps ended: readings of `performance.now()`. */
interface Connecting {
  readonly began: number;
  lookup?: number;
  connect?: number;
  secureConnect?: number;
}

/** The milliseconds of a step of connecting, as far as they belong to a call. */
function stepOf(created: number, since: number, end: number): number {
  return Math.max(0, end - Math.max(since, created));
}

/** Connections that open, until their first request takes the times. */
const connecting = new WeakMap<object, Connecting>();

/** A socket of a request. TLS tells the protocol. */
export type CallSocket = Socket & { readonly alpnProtocol?: string | false | null };

/** A request under way, and when what happened to it: readings of `performance.now()`; 0 for what has not happened. */
export abstract class Call {
  readonly span: Span;
  /** Called after the end of the span. */
  onEnd: (() => void) | undefined;
  readonly #created: number;
  #connecting: Connecting | undefined;
  sentAt = 0;
  headersAt = 0;

  /** @param created when the request was asked for, a reading of `performance.now()` */
  constructor(span: Span, created: number = monotonicNow()) {
    this.span = span;
    this.#created = created;
  }

  /** The bytes that have arrived on the connection. Undefined while somebody reads, and before a part of the body is there. */
  abstract unreadBytes(): number | undefined;

  /**
   * Writes the parts of the request to its span.
   *
   * @param ended when the span ends; default: at the headers of a response whose body nobody reads
   */
  writeParts(ended: number = this.headersAt): void {
    const created = this.#created;
    const { headersAt } = this;
    if (!isWorthParts(ended - created)) return;
    const { began = 0, lookup = 0, connect = 0, secureConnect = 0 } = this.#connecting ?? {};
    const dns = stepOf(created, began, lookup);
    const tcp = stepOf(created, lookup || began, connect);
    const tls = stepOf(created, connect, secureConnect);
    // `node:http` has sent nothing before its socket is connected.
    const sent = Math.max(this.sentAt, connect, secureConnect);
    const isKnown = sent > 0 || headersAt === 0; // HTTP/2 of undici before 8 does not tell of the headers
    const waiting = isKnown ? (sent || ended) - created - dns - tcp - tls : 0;
    const hasAnswer = sent > 0 && headersAt > 0;
    const first = hasAnswer ? headersAt - sent : 0;
    const receiving = hasAnswer ? ended - headersAt : 0;
    writeCallParts(this.span, ended - created, {
      waiting,
      dns,
      connect: tcp,
      tls,
      first_byte: first,
      receiving,
    });
  }

  /** The request goes out on a connection, which may still be opening. The first one on it has the times of that. */
  sent(connection: object): void {
    const times = connecting.get(connection);
    if (times !== undefined) {
      this.#connecting = times;
      connecting.delete(connection);
    }
    this.sentAt = monotonicNow();
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
    // Older versions of Node 22 publish no socket of TLS: all the time since the request is that of the handshake then.
    'undici:client:connected': ({ socket }) => {
      if (callParts.areWritten && !connecting.has(socket))
        connecting.set(socket, { began: 0, secureConnect: monotonicNow() });
    },
  });
}

/** Notes the times of a socket that connects. A session of HTTP/2 tells only when it is connected. */
export function watchConnecting(connection: EventEmitter): void {
  if (!callParts.areWritten || connecting.has(connection)) return;
  const times: Connecting = { began: monotonicNow() };
  connecting.set(connection, times);
  for (const step of ['lookup', 'connect', 'secureConnect'] as const) {
    connection.once(step, () => {
      times[step] = monotonicNow();
    });
  }
}
