export type { ConsistentSamplerOptions } from './consistent-sampler.ts';
export { consistentSampler } from './consistent-sampler.ts';
