import type { Sampler } from '../opentelemetry/sdk.ts';
import { AlwaysOffSampler, AlwaysOnSampler, TraceIdRatioBasedSampler } from '../opentelemetry/sdk.ts';
import { ConsistentSampler } from '../sampling/consistent-sampler.ts';
import type { SamplerName } from '../settings/sampler.ts';
import { parseRates, probabilityOf } from '../settings/sampling-rates.ts';
import { ParentSampler } from './parent-sampler.ts';

/**
 * The sampler that OTEL_TRACES_SAMPLER and OTEL_TRACES_SAMPLER_ARG ask for.
 *
 * - `always_on`, `always_off`, `traceidratio` and their `parentbased_` forms are the specification's; the argument of
 *   the ratio is a probability from 0 to 1, 1 when unset.
 * - `consistent_probability` and `parentbased_consistent_probability` keep the same traces in every service, carry
 *   the threshold as `ot=th:…` and set `SampleRate`. Their argument takes rates for single routes too:
 *   `0.1;GET /orders=0.01;/orders/:id=1`.
 *
 * @throws RangeError for an argument that the sampler cannot follow; `readSampler` lets none through
 */
export function createSampler(name: SamplerName = 'parentbased_always_on', arg = '1'): Sampler {
  if (name === 'consistent_probability') return consistent(arg, false);
  if (name === 'parentbased_consistent_probability') return consistent(arg, true);
  const kind = name.replace('parentbased_', '');
  const root =
    kind === 'traceidratio'
      ? new TraceIdRatioBasedSampler(probabilityOf(arg))
      : kind === 'always_on'
        ? new AlwaysOnSampler()
        : new AlwaysOffSampler();
  return name.startsWith('parentbased_') ? new ParentSampler(root) : root;
}

function consistent(arg: string, parentBased: boolean): Sampler {
  return new ConsistentSampler({ rates: parseRates(arg), parentBased });
}
