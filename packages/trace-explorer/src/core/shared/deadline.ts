import type { FastifyReply } from 'fastify';
import { clientGone } from '../http/client-gone.ts';

/** A moment by which the answer to a request must be there. */
export interface Deadline {
  /** The moment, by `performance.now()`. */
  readonly at: number;
  /** Milliseconds between the start and the moment. */
  readonly ms: number;
  /** Milliseconds that the request has used itself: without waits, and of what ran beside others its share. */
  used: number;
}

/** A deadline after some milliseconds. */
export function deadlineIn(ms: number): Deadline {
  return { at: performance.now() + ms, ms, used: 0 };
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
