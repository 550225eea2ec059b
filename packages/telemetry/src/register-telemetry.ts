import { loadFor } from './process/optional-package.ts';
import { flushOnExit } from './process/process-hooks.ts';
import type { Telemetry } from './running.ts';
import type { RegisterOptions } from './start.ts';
import { startTelemetry } from './start.ts';

/**
 * Starts telemetry as `node --import @tandem/telemetry/register` does, with options. A process at its end sends its last
 * spans, and TRACE_FASTIFY_LIFECYCLE works. For your own module that `--import` loads.
 *
 * @example
 * ```ts
 * // telemetry.ts, for `node --import ./telemetry.ts main.ts`
 * export const telemetry = registerTelemetry({ baggageAttributes: ['user.id'] });
 * ```
 * @throws Error when telemetry runs already
 */
export function registerTelemetry(options: RegisterOptions = {}): Telemetry {
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
