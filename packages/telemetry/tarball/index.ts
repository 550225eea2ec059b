// The main entry of the tarball: telemetry's, whose `registerTelemetry` finds the other parts of the tarball.

export { autoInstrumentation } from '../../auto-instrumentation/src/auto-instrumentation.ts';
export * from '../src/index.ts';
export { registerTelemetry } from './register-telemetry.ts';
