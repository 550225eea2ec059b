import type { EnvReader } from '../environment/env-reader.ts';
import { parseRates, probabilityOf } from './sampling-rates.ts';

/** What OTEL_TRACES_SAMPLER may be. */
export const SAMPLER_NAMES = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
  'consistent_probability',
  'parentbased_consistent_probability',
] as const;

export type SamplerName = (typeof SAMPLER_NAMES)[number];

/** OTEL_TRACES_SAMPLER and OTEL_TRACES_SAMPLER_ARG. */
export interface SamplerSettings {
  readonly name: SamplerName;
  /** As written; only what the sampler can follow. */
  readonly argument: string | undefined;
}

/** The specification's default where nothing is said, or what this process cannot follow. */
export function readSampler(env: EnvReader): SamplerSettings {
  const name = env.oneOf('OTEL_TRACES_SAMPLER', SAMPLER_NAMES, 'parentbased_always_on');
  const argument = env.text('OTEL_TRACES_SAMPLER_ARG');
  if (argument === undefined) return { name, argument };
  try {
    if (name.endsWith('traceidratio')) probabilityOf(argument);
    if (name.endsWith('consistent_probability')) parseRates(argument);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return { name, argument: env.refuse('OTEL_TRACES_SAMPLER_ARG', error.message, undefined, '1') };
  }
  return { name, argument };
}
