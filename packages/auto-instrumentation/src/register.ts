import type { Telemetry } from '@tandem/telemetry';
import { fastifyServers, pinoLines, readSettings, startTelemetry } from '@tandem/telemetry';
import { autoInstrumentation } from './auto-instrumentation.ts';
import { profileProcessors } from './profile-processors.ts';

/**
 * The telemetry of this process. Loading this module starts telemetry for any process of Node, as `run` does. When a copy of
 * this package runs telemetry already, `telemetry` is the running one.
 */
export const telemetry: Telemetry = startTelemetry({
  settings: readSettings(process.env),
  instruments: [fastifyServers, autoInstrumentation, pinoLines],
  spanProcessors: profileProcessors(),
});
