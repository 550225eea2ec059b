import { settlesWithin } from '@tandem/service-kit';
import type { FastifyReply } from 'fastify';

/** Whether a message to a client was sent: false when the client took too long, or left. */
export async function isSent(
  sending: Promise<void>,
  milliseconds: number,
  signal: AbortSignal,
): Promise<boolean> {
  let isDone = false;
  const sent = sending.then(() => {
    isDone = true;
  });
  await settlesWithin(sent, milliseconds, signal);
  return isDone;
}

/** Ends the connection at once: a stalled client would not take a polite end either. */
export function hangUp(reply: FastifyReply): void {
  reply.raw.destroy();
}
