import type { Server } from 'node:http';
import { setImmediate as nextTurn } from 'node:timers/promises';

/** New connections that the kernel keeps until the process accepts them. */
export const BACKLOG = 1024;
/** Turns of the event loop without a new connection, after which the queue is empty and each request is read. */
const QUIET_TURNS = 3;

/**
 * Takes the connections that wait in the kernel's queue, because closing the port resets them. Node takes one in each turn
 * of its event loop, and reads its request in the next one.
 */
export async function takeWaiting(server: Server): Promise<void> {
  let lastTurn = QUIET_TURNS;
  let turn = 0;
  server.on('connection', () => {
    lastTurn = Math.min(turn + QUIET_TURNS, BACKLOG);
  });
  for (; turn < lastTurn; turn++) await nextTurn();
}
