import type { FastifyRequest } from 'fastify';

/** Scheme and host of a request. */
export function originOf(request: FastifyRequest): string {
  return `${request.protocol}://${request.host}`;
}
