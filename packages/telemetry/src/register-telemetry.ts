import { traceFastifyLifecycle } from './fastify/lifecycle-spans.ts';
import { ApiVersionError } from './opentelemetry/api-versions.ts';
import { flushOnExit } from './process-hooks.ts';
import type { EndingTelemetry, Telemetry } from './running-telemetry.ts';
import { SettingsError } from './settings/index.ts';
import type { StartOptions } from './start-telemetry.ts';
import { startEndingTelemetry } from './start-telemetry.ts';

/**
 * Starts telemetry as `node --import @tandem/telemetry/register` does, with options: the last spans are sent when the
 * process ends, and TRACE_FASTIFY_LIFECYCLE is followed. For a module of your own that is loaded with `--import`. A
 * setting that the process cannot start with ends it with exit code 1, after one line on standard error; so do two
 * versions of the OpenTelemetry API that do not see each other.
 *
 * @example
 * ```ts
 * // telemetry.ts, for `node --import ./telemetry.ts main.ts`
 * export const telemetry = registerTelemetry({ baggageAttributes: ['user.id'] });
 * ```
 * @throws Error when telemetry runs already
 */
export function registerTelemetry(options: StartOptions = {}): Telemetry {
  const telemetry = startOrExit(options);
  flushOnExit(telemetry, telemetry.log);
  const { fastifyLifecycle, disabled } = telemetry.settings;
  if (fastifyLifecycle && !disabled) traceLifecycle(telemetry);
  return telemetry;
}

function startOrExit(options: StartOptions): EndingTelemetry {
  try {
    return startEndingTelemetry(options);
  } catch (error) {
    if (!(error instanceof SettingsError || error instanceof ApiVersionError)) throw error;
    process.stderr.write(`Cannot start: ${error.message}\n`);
    process.exit(1);
  }
}

function traceLifecycle({ log }: Telemetry): void {
  try {
    traceFastifyLifecycle();
  } catch (error) {
    log.warn({}, error instanceof Error ? error.message : String(error));
  }
}
