import { flushOnExit } from './process-hooks.ts';
import { SettingsError } from './settings/index.ts';
import type { Telemetry } from './start-telemetry.ts';
import { startTelemetry } from './start-telemetry.ts';

/**
 * The telemetry of this process, started when this module is first imported: `node --import @tandem/telemetry/register`.
 * A service imports it to flush when it stops. This is the only module of the package with a side effect.
 */
export const telemetry: Telemetry = start();

if (telemetry.settings.fastifyLifecycle && !telemetry.settings.disabled) {
  // Loaded only then: it brings an instrumentation and hooks into module loading.
  const { traceFastifyLifecycle } = await import('./fastify/lifecycle-spans.ts');
  try {
    traceFastifyLifecycle();
  } catch (error) {
    telemetry.log.warn({}, error instanceof Error ? error.message : String(error));
  }
}

function start(): Telemetry {
  try {
    const telemetry = startTelemetry();
    flushOnExit(telemetry, telemetry.log);
    return telemetry;
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    process.stderr.write(`Cannot start: ${error.message}\n`);
    process.exit(1);
  }
}
