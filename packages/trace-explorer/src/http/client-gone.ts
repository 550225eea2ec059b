import type { FastifyReply } from 'fastify';

/** Why work was given up that nobody waits for any more: no failure, and there is nobody to tell. */
export class ClientGoneError extends Error {
  override readonly name = 'ClientGoneError';

  constructor() {
    super('the client closed its connection before it was answered');
  }
}

/** Aborts with a {@link ClientGoneError} when the client closes its connection before it was answered. */
export function clientGone(reply: FastifyReply): AbortSignal {
  const controller = new AbortController();
  reply.raw.once('close', () => {
    if (!reply.raw.writableEnded) controller.abort(new ClientGoneError());
  });
  if (reply.raw.destroyed) controller.abort(new ClientGoneError());
  return controller.signal;
}
