import type { Telemetry } from '@tandem/telemetry';
import { running, startTelemetry } from '@tandem/telemetry/instrumentation';
import { autoInstrumentation } from './auto-instrumentation.ts';
import { profileOwnTime } from './profile/own-time.ts';

/**
 * The telemetry of this process. Loading this module starts telemetry for any process of Node. When a copy of this package
 * runs telemetry already, `telemetry` is the running one.
 */
export const telemetry: Telemetry =
  running.value ??
  startTelemetry({ instrumentations: [autoInstrumentation], spanProcessors: profileOwnTime() });
