import type { IncomingMessage } from 'node:http';
import { monotonicNow } from '../../common/primordials.ts';

/** `performance.now()` of the last answer over each connection of HTTP/1. */
const answers = new WeakMap<object, number>();

/** Of the request whose SERVER span starts next: the last answer over its connection. */
let answeredAt = Number.NEGATIVE_INFINITY;

/**
 * Notes whose span starts next. A client of HTTP/1 asks again when it has its answer, so that the request cannot have waited since
 * before; over HTTP/2 it asks at any time.
 */
export function noteRequest({ socket, httpVersionMajor }: IncomingMessage): void {
  answeredAt = (httpVersionMajor === 2 ? undefined : answers.get(socket)) ?? Number.NEGATIVE_INFINITY;
}

/** Keeps that a request of a connection is answered now. A request that was made by hand may have no connection. */
export function keepAnswer(socket: object | null | undefined): void {
  if (socket) answers.set(socket, monotonicNow());
}

/** The last answer over the connection of the request whose SERVER span starts now; -Infinity without one. */
export function lastAnswer(): number {
  const taken = answeredAt;
  answeredAt = Number.NEGATIVE_INFINITY;
  return taken;
}
