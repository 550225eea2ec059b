import type { Sampler } from '@opentelemetry/sdk-trace-base';
import { loadFor } from '../process/optional-package.ts';
import type { TelemetrySettings } from '../settings/index.ts';

/** The used part of the entry `./sampling`. */
interface Sampling {
  consistentSampler(options: { probability: number; parentBased: boolean }): Sampler;
}

/**
 * The sampler of OTEL_TRACES_SAMPLER=consistent_probability and parentbased_consistent_probability. Consistent samplers
 * keep the same traces in every service, send `ot=th:…` and set `SampleRate`. Undefined for the SDK's samplers.
 */
export function samplerOf({
  consistentSampler,
}: Pick<TelemetrySettings, 'consistentSampler'>): Sampler | undefined {
  if (consistentSampler === undefined) return undefined;
  return loadFor<Sampling>('OTEL_TRACES_SAMPLER', '@tandem/telemetry/sampling').consistentSampler(
    consistentSampler,
  );
}
