import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** What ends with a connection, for each connection that has had a response without a socket. */
const ofConnection = new WeakMap<Socket, Set<() => void>>();

/**
 * Calls a listener once, when a response is closed: sent in full, or cut off. A response that waits in a pipeline has no socket
 * yet, nor has any response when Node announces its request. Node 22 never closes such a response when its client leaves, so
 * it ends with its connection. All responses of a connection share one listener there, because Node warns of more than ten.
 *
 * @param listener must not throw
 */
export function onResponseClosed(
  { socket }: Pick<IncomingMessage, 'socket'>,
  response: ServerResponse,
  listener: () => void,
): void {
  // A request that was made by hand may have an object for a socket.
  if (response.socket !== null || typeof socket?.once !== 'function')
    return void response.on('close', listener);
  const open = ofConnection.get(socket) ?? new Set();
  if (!ofConnection.has(socket)) {
    ofConnection.set(socket, open);
    socket.once('close', () => {
      for (const end of open) end();
    });
  }
  const end = () => {
    if (open.delete(end)) listener();
  };
  open.add(end);
  response.on('close', end);
}
