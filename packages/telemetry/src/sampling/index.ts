export type { ConsistentSamplerOptions } from './consistent-sampler.ts';
export { ConsistentSampler } from './consistent-sampler.ts';
export { createSampler, SAMPLER_NAMES } from './create-sampler.ts';
export { RandomFlagSampler } from './random-flag-sampler.ts';
export type { Rates } from './rates.ts';
export { parseRates } from './rates.ts';
export { SAMPLE_RATE } from './sample-rate.ts';
