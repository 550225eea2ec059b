import { loadFor } from '../opentelemetry/optional-package.ts';
import type { Sampler } from '../opentelemetry/sdk.ts';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
} from '../opentelemetry/sdk.ts';
import type { SamplerName } from '../settings/index.ts';

/** The part of the entry `./sampling` that is used here. */
interface Sampling {
  consistentSampler(options: { rates: string; parentBased: boolean }): Sampler;
}

/**
 * The sampler that OTEL_TRACES_SAMPLER and OTEL_TRACES_SAMPLER_ARG ask for.
 *
 * - `always_on`, `always_off`, `traceidratio` and their `parentbased_` forms are the specification's; the argument of
 *   the ratio is a probability from 0 to 1, 1 when unset.
 * - `consistent_probability` and `parentbased_consistent_probability` keep the same traces in every service, carry
 *   the threshold as `ot=th:…` and set `SampleRate`. Their argument takes rates for single routes too:
 *   `0.1;GET /orders=0.01;/orders/:id=1`.
 */
export function createSampler(name: SamplerName = 'parentbased_always_on', arg = '1'): Sampler {
  const isParentBased = name.startsWith('parentbased_');
  const kind = name.replace('parentbased_', '');
  if (kind === 'consistent_probability') {
    const sampling = loadFor<Sampling>('OTEL_TRACES_SAMPLER', '@tandem/telemetry/sampling');
    return sampling.consistentSampler({ rates: arg, parentBased: isParentBased });
  }
  const root = rootSampler(kind, arg);
  return isParentBased ? new ParentBasedSampler({ root }) : root;
}

function rootSampler(kind: string, arg: string): Sampler {
  if (kind === 'traceidratio') return new TraceIdRatioBasedSampler(Number.parseFloat(arg));
  return kind === 'always_on' ? new AlwaysOnSampler() : new AlwaysOffSampler();
}
