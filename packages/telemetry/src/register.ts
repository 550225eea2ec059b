import { registerTelemetry } from './register-telemetry.ts';
import type { Telemetry } from './running.ts';
import { running } from './running.ts';

/**
 * The telemetry of this process, started when this module is first loaded: `node --import @tandem/telemetry/register`.
 * Where telemetry runs already, by another copy of this package too, it is that.
 * A service imports it to flush when it stops. This is the only module of the package with a side effect.
 */
export const telemetry: Telemetry = running.value ?? registerTelemetry();
