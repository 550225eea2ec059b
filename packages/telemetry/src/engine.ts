// The parts for another engine of spans: @tandem/telemetry/engine. Not an entry of the tarball.

export { ANCHOR, traceClock } from './spans/clock.ts';
export { toHrTime } from './spans/clocked-provider.ts';
export { samplingOf } from './spans/official-members.ts';
