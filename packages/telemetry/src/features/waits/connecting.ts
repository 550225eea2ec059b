import type { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import { listenTo } from '../../common/channels.ts';
import { monotonicNow, queueMicrotask } from '../../common/primordials.ts';
import type { Call, Turn } from '../../road/http/call.ts';
import { isAtOnce } from '../../road/http/call.ts';

/** When a connection began to open, and when its steps ended: readings of `performance.now()`. */
interface Connecting {
  readonly began: number;
  lookup?: number;
  connect?: number;
  secureConnect?: number;
}

/** Connections that open, until their first request takes the times. */
const connecting = new WeakMap<object, Connecting>();

const TIMES = Symbol('times');
const TURN = Symbol('turn');
const IS_AT_ONCE = Symbol('is at once');

/** A call, with the times of the connection that was opened for it: a WeakMap with each call would take more time. */
interface Connected extends Call {
  [TIMES]?: Connecting;
  [TURN]?: Turn;
  [IS_AT_ONCE]?: boolean;
}

/** The times of the connection that was opened for a call. */
export function timesOf(call: Connected): Connecting | undefined {
  return call[TIMES];
}

/** Notes the turn of the loop in which a call was asked for. */
export function noteTurn(call: Connected, asked: Turn): void {
  call[TURN] = asked;
}

/** Whether a call was sent as soon as it was asked for. */
export function isSentAtOnce(call: Connected): boolean {
  return call[IS_AT_ONCE] === true;
}

/** The first request on a connection has the times of its opening. */
export function takeTimes(call: Connected, connection: object): void {
  call[IS_AT_ONCE] = call[TURN] !== undefined && isAtOnce(call[TURN]);
  const times = connecting.get(connection);
  if (times === undefined) return;
  call[TIMES] = times;
  connecting.delete(connection);
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
      if (!connecting.has(socket)) connecting.set(socket, { began: 0, secureConnect: monotonicNow() });
    },
  });
}

/** Notes the times of a socket that connects. A session of HTTP/2 tells only when it is connected. */
export function watchConnecting(connection: EventEmitter): void {
  if (connecting.has(connection)) return;
  const times: Connecting = { began: monotonicNow() };
  connecting.set(connection, times);
  for (const step of ['lookup', 'connect', 'secureConnect'] as const) {
    connection.once(step, () => {
      times[step] = monotonicNow();
    });
  }
}
