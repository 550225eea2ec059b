import type { FastifyReply } from 'fastify';

/** Aborts when the client closes its connection before it was answered. */
export function clientGone(reply: FastifyReply): AbortSignal {
  const controller = new AbortController();
  reply.raw.once('close', () => {
    if (!reply.raw.writableEnded) controller.abort();
  });
  if (reply.raw.destroyed) controller.abort();
  return controller.signal;
}
