// What the doctor builds on: @tandem/telemetry/diagnosis. It is no entry of the tarball.

export { propagatorOf } from './context/propagator.ts';
export { apiVersionOf, describeOtherApi } from './process/api-versions.ts';
export { processWide } from './process/process-wide.ts';
export { describeSettings } from './report/announce.ts';
export type { Destination } from './settings/destinations.ts';
export { honeycombBaseUrl, honeycombHeaders } from './settings/honeycomb.ts';
export type { SettingsDefaults, TelemetrySettings } from './settings/index.ts';
export { readSettings } from './settings/index.ts';
export type { Environment } from './settings/reader.ts';
export { SettingsReader } from './settings/reader.ts';
export { ClockedTracerProvider } from './spans/clocked-provider.ts';
export { createResource } from './spans/resource.ts';
