import type { FastifyReply } from 'fastify';
import { settlesWithin } from '../http/settles-within.ts';

/** Somebody who follows a stream of server-sent events. */
export interface StreamClient {
  readonly reply: FastifyReply;
  /** Milliseconds after which a client that takes nothing is cut off. */
  readonly stalledMs: number;
  /** Aborted when the client has left, or the server ends the stream. */
  readonly signal: AbortSignal;
}

export interface StreamEvent {
  readonly id: string;
  readonly event: string;
  readonly data: string;
  readonly retry?: number;
}

/** How often a client is looked at before it counts as one that takes nothing. */
const LOOKS = 10;

/**
 * Sends an event. Resolves with whether the stream goes on: a closed connection ends it, and so does a client that takes
 * nothing, whose connection is cut off. Never rejects.
 */
export async function sendEvent(client: StreamClient, event: StreamEvent): Promise<boolean> {
  const { reply, stalledMs, signal } = client;
  if (signal.aborted) return false;
  if (await isSent(reply.sse.send(event), stalledMs, signal)) return true;
  // At once: a stalled client would not take a polite end either.
  reply.raw.destroy();
  return false;
}

/**
 * Whether a message to a client was sent: false when the client took too long, or left. The time is that of several looks:
 * a process that itself was kept waiting hears of what a client took only after its timers.
 */
export async function isSent(
  sending: Promise<void>,
  milliseconds: number,
  signal: AbortSignal,
): Promise<boolean> {
  let isDone = false;
  // At a closed connection `sending` rejects. A rejection that nobody handles would end the process.
  const sent = sending.then(
    () => {
      isDone = true;
    },
    () => {},
  );
  for (let look = 0; look < LOOKS && !signal.aborted; look++)
    if (await settlesWithin(sent, milliseconds / LOOKS, signal)) break;
  return isDone;
}
