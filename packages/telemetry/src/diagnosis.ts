// The parts for the doctor: @tandem/telemetry/diagnosis. Not an entry of the tarball.

export { propagatorOf } from './context/propagator.ts';
export { describeSettings } from './report/announce.ts';
export { SettingsReader } from './settings/reader.ts';
export { createResource } from './spans/resource.ts';
