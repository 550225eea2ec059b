// @tandem/telemetry/any-process: what `./register` adds to a service's own instrumentations.

export { undiciChannels } from '../node/undici.ts';
export { autoInstrumentation } from './auto-instrumentation.ts';
