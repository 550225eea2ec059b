import type { IncomingMessage } from 'node:http';
import { monotonicNow } from '../../common/primordials.ts';

/** `performance.now()` of the last answer over each connection of HTTP/1. */
const answers = new WeakMap<object, number>();

/** Of the request whose SERVER span starts at this moment: the last answer over its connection; -Infinity without one. */
export const asked = { answeredAt: Number.NEGATIVE_INFINITY };

/**
 * Runs `start`, which starts a request's span, with `asked` as it is for the request. A client of HTTP/1 asks again when it has
 * its answer, so that the request cannot have waited since before; over HTTP/2 it asks at any time.
 */
export function withLastAnswer<T>({ socket, httpVersionMajor }: IncomingMessage, start: () => T): T {
  if (httpVersionMajor !== 2) asked.answeredAt = answers.get(socket) ?? Number.NEGATIVE_INFINITY;
  try {
    return start();
  } finally {
    asked.answeredAt = Number.NEGATIVE_INFINITY;
  }
}

/** Keeps that a request of a connection is answered now. A request that was made by hand may have no connection. */
export function keepAnswer(socket: object | null | undefined): void {
  if (socket) answers.set(socket, monotonicNow());
}
