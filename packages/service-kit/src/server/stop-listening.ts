import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { Server as PortServer } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { connectionsWaitingFor } from './accept-queue.ts';

/** Turns of the event loop without a new connection, after which none waits where the kernel does not tell. */
const CALM_TURNS = 2;

/**
 * Closes the port of a server when no connection waits at it: those that the kernel has taken and the process has not are
 * reset with the port, although their clients have been told that they are connected. A turn of the event loop takes one,
 * so a burst, or a process that was busy, leaves many. Clients that come later are refused, and can go elsewhere.
 *
 * What can still be reset is what comes between the look at the kernel's queue and the closing, a fraction of a
 * millisecond: Linux has no way to refuse new connections and keep those that wait. Who has to rule that out takes the
 * process out of its balancer first.
 *
 * From the call on, answers say `Connection: close`. Open connections stay; those that are idle are closed with the port.
 *
 * @param limitMs milliseconds after which the port is closed although others still come
 */
export async function stopListening(server: Server, limitMs: number): Promise<void> {
  let calmTurns = 0;
  const onConnection = () => {
    calmTurns = 0;
  };
  server.prependListener('request', closeAfterAnswer);
  server.on('connection', onConnection);
  const end = performance.now() + limitMs;
  do {
    calmTurns++;
    await nextTurn();
  } while (performance.now() < end && (calmTurns < CALM_TURNS || connectionsWaitingFor(server) > 0));
  // In the same turn as the look before: nothing may come between. The `close` of http would first end the connections
  // that are idle, one after another, which takes 1 to 35 ms.
  PortServer.prototype.close.call(server);
  server.closeIdleConnections();
  server.off('connection', onConnection);
}

function closeAfterAnswer(_request: IncomingMessage, response: ServerResponse): void {
  response.setHeader('connection', 'close');
}
