import { autoInstrumentation } from '../../auto-instrumentation/src/auto-instrumentation.ts';
import { profileOwnTime } from '../../auto-instrumentation/src/profile/own-time.ts';
import type { Telemetry } from '../src/running.ts';
import { running } from '../src/running.ts';
import { startTelemetry } from '../src/start.ts';
import { loadLean } from './lean.ts';

/**
 * The telemetry of this process, for any process of Node: nothing is patched. Loading this module starts telemetry:
 * `node --import @tandem/telemetry/register`.
 * When a copy of this package runs telemetry already, `telemetry` is the running one.
 * A service imports `telemetry` to flush at its end. No other module of the package has a side effect.
 */
export const telemetry: Telemetry =
  running.value ??
  startTelemetry({
    instrumentations: [autoInstrumentation],
    spanProcessors: profileOwnTime(),
    lean: loadLean,
  });
