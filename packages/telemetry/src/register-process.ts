import { loadFor } from './process/optional-package.ts';
import { flushOnExit } from './process/process-hooks.ts';
import type { Telemetry } from './running.ts';
import type { RegisterOptions } from './start.ts';
import { startTelemetry } from './start.ts';

/**
 * Starts telemetry in this process with exactly these instrumentations. A process at its end sends its last spans, and
 * TRACE_FASTIFY_LIFECYCLE works. Call it where no telemetry runs.
 */
export function registerProcess(options: RegisterOptions): Telemetry {
  const telemetry = startTelemetry(options);
  flushOnExit(telemetry);
  const { fastifyLifecycle, disabled } = telemetry.settings;
  if (fastifyLifecycle && !disabled) traceLifecycle(telemetry);
  return telemetry;
}

/** The used part of the entry `./fastify-lifecycle`. */
interface FastifyLifecycle {
  traceFastifyLifecycle(): void;
}

function traceLifecycle({ log }: Telemetry): void {
  try {
    loadFor<FastifyLifecycle>(
      'TRACE_FASTIFY_LIFECYCLE',
      '@tandem/telemetry/fastify-lifecycle',
    ).traceFastifyLifecycle();
  } catch (error) {
    log.warn({}, error instanceof Error ? error.message : String(error));
  }
}
