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

/**
 * Sends an event. Resolves with whether the stream goes on: a closed connection ends it, and so does a client that takes
 * nothing, whose connection is cut off. Never rejects.
 */
export async function sendEvent(client: StreamClient, event: StreamEvent): Promise<boolean> {
  const { reply, stalledMs, signal } = client;
  if (signal.aborted) return false;
  // At a closed connection sending rejects. A rejection that nobody handles would end the process.
  const sending = reply.sse.send(event).then(
    () => true,
    () => false,
  );
  if ((await settlesWithin(sending, stalledMs, signal)) && (await sending)) return true;
  // At once: a stalled client would not take a polite end either.
  reply.raw.destroy();
  return false;
}
