import type { Socket } from 'node:net';
import type { RequestTrace } from './request-trace.ts';

/**
 * Ends the span when the response is closed: sent in full, or cut off. That is one listener for every way in which a
 * request can end, and after `onResponse` hooks, so that their spans lie inside this one.
 */
export function endOnClose(trace: RequestTrace): void {
  const { response } = trace;
  response.on('close', () => trace.end());
  // A pipelined response waits without a socket, and then hears nothing of the connection's end.
  if (response.socket === null) endWithSocket(trace, trace.raw.socket);
}

const waiting = new WeakMap<Socket, Set<RequestTrace>>();

/** One listener a socket, however many requests are in its pipeline. */
function endWithSocket(trace: RequestTrace, socket: Socket): void {
  let traces = waiting.get(socket);
  if (traces === undefined) {
    const added = new Set<RequestTrace>();
    socket.once('close', () => {
      for (const left of added) left.end();
    });
    waiting.set(socket, added);
    traces = added;
  }
  const queue = traces;
  queue.add(trace);
  trace.response.on('close', () => queue.delete(trace));
}
