import type { FastifyReply } from 'fastify';
import { patientDeadline } from '../lib/time/deadline.ts';
import { clientGone } from './client-gone.ts';

/** Milliseconds that the read of a view may take. */
const PATIENCE_MS = 15_000;

/**
 * The limits of a read for a client: the read ends when the client leaves, or after 15 s. A read that others held up goes on,
 * for a minute at most: begun anew, all of them would only hold each other up again. For as long as other programs have the
 * processor it goes on, too.
 */
export function whileAwaited(reply: FastifyReply, ms = PATIENCE_MS) {
  return { deadline: patientDeadline(ms), signal: clientGone(reply) };
}
