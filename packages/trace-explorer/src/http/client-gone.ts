import { AsyncLocalStorage } from 'node:async_hooks';
import { onResponseClosed } from '@tandem/telemetry/response-closed';
import type { FastifyReply } from 'fastify';

/** The reason for ending work that nobody waits for. It is not a failure, and nobody needs its message. */
export class ClientGoneError extends Error {
  override readonly name = 'ClientGoneError';

  constructor() {
    super('the client closed its connection before the answer');
  }
}

/** Ends requests without a connection (`inject`): the signal of whoever asked. */
export const askerGone = new AsyncLocalStorage<AbortSignal | undefined>();

/** Aborts with a {@link ClientGoneError} when the client closes its connection before the answer. */
export function clientGone(reply: FastifyReply): AbortSignal {
  const controller = new AbortController();
  const close = () => {
    if (!reply.raw.writableEnded) controller.abort(new ClientGoneError());
  };
  onResponseClosed(reply.request.raw, reply.raw, close);
  if (reply.raw.destroyed || reply.request.raw.socket.destroyed) controller.abort(new ClientGoneError());
  const asker = askerGone.getStore();
  return asker === undefined ? controller.signal : AbortSignal.any([controller.signal, asker]);
}
