import type { Server } from 'node:http';
import { setImmediate as nextTurn } from 'node:timers/promises';

/** Turns of the event loop without a new connection, after which none waits. */
const CALM_TURNS = 2;

/**
 * Takes the connections that wait in the kernel, with their requests: who closes a port resets those. A turn of the
 * event loop takes one, so a burst, or a process that was busy, leaves many.
 *
 * @param limitMs milliseconds after which it ends although others still come
 */
export async function takeWaitingConnections(server: Server, limitMs: number): Promise<void> {
  let calmTurns = 0;
  const onConnection = () => {
    calmTurns = 0;
  };
  server.on('connection', onConnection);
  const end = performance.now() + limitMs;
  while (calmTurns < CALM_TURNS && performance.now() < end) {
    calmTurns++;
    await nextTurn();
  }
  server.off('connection', onConnection);
}
