// The main entry of the tarball: telemetry's, with what starts the telemetry of a process by one call.

export { autoInstrumentation, undiciChannels } from '@tandem/auto-instrumentation';
export * from '@tandem/telemetry';
export type { RegisterOptions } from './register-telemetry.ts';
export { registerTelemetry } from './register-telemetry.ts';
