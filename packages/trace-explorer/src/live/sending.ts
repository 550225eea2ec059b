import { settlesWithin } from '@tandem/service-kit';
import type { FastifyReply } from 'fastify';

/** Looks at a client, one after the other, before it counts as one that takes nothing. */
const LOOKS = 10;

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
  const sent = sending.then(() => {
    isDone = true;
  });
  for (let look = 0; look < LOOKS && !signal.aborted; look++)
    if (await settlesWithin(sent, milliseconds / LOOKS, signal)) break;
  return isDone;
}

/** Ends the connection at once: a stalled client would not take a polite end either. */
export function hangUp(reply: FastifyReply): void {
  reply.raw.destroy();
}
