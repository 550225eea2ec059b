import type { FastifyReply } from 'fastify';
import { clientGone } from '../http/client-gone.ts';

/** A moment by which an answer must be there. */
export interface Deadline {
  /** The moment, by `performance.now()`. */
  readonly at: number;
  /** Milliseconds between the start and the moment. */
  readonly ms: number;
}

/** A deadline after some milliseconds. */
export function deadlineIn(ms: number): Deadline {
  return { at: performance.now() + ms, ms };
}

/** Milliseconds until the deadline; 0 after it. */
export function leftOf({ at }: Deadline): number {
  return Math.max(0, at - performance.now());
}

/** Milliseconds that a person waits for an answer. */
const PATIENCE_MS = 15_000;

/** The limits of a read for a client: the read ends when the client leaves, or after 15 s. */
export function whileAwaited(reply: FastifyReply, ms = PATIENCE_MS) {
  return { deadline: deadlineIn(ms), signal: clientGone(reply) };
}
