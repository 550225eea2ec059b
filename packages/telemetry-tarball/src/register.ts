import { autoInstrumentation, profileProcessors } from '@tandem/auto-instrumentation';
import type { Telemetry } from '@tandem/telemetry';
import { fastifyServers, pinoLines, readSettings, startTelemetry } from '@tandem/telemetry';
import { loadLeanEngine } from './lean-engine.ts';

const settings = readSettings(process.env);

/**
 * The telemetry of this process, for any process of Node: nothing is patched. Loading this module starts telemetry:
 * `node --import @tandem/telemetry/register`.
 * When a copy of this package runs telemetry already, `telemetry` is the running one.
 * A service imports `telemetry` to flush at its end. No other module of the package has a side effect.
 */
export const telemetry: Telemetry = startTelemetry({
  settings,
  engine: settings.lean ? loadLeanEngine() : undefined,
  instruments: [fastifyServers, autoInstrumentation, pinoLines],
  spanProcessors: profileProcessors(),
});
