import type { FastifyInstance } from 'fastify';
import { runningTelemetry } from '../running-telemetry.ts';
import { withinTime } from '../within-time.ts';

/** How long a closing server waits for its last spans to be sent, in milliseconds: a few answers of a backend. */
const FLUSH_TIMEOUT_MS = 500;

/**
 * Sends the last spans and lines of a server when it closes. fastify-cli, close-with-grace and many a service call
 * `process.exit()` next, which waits for nobody: they would be on disk for the next start, and lost with a container.
 */
export function flushOnClose(app: FastifyInstance): void {
  // Of this name's hooks the first one runs last: after those of others, which may make spans.
  app.addHook('onClose', async function sendLastSpans() {
    const telemetry = runningTelemetry();
    if (telemetry !== undefined) await withinTime(telemetry.flush(), FLUSH_TIMEOUT_MS);
  });
}
