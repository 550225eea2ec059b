import type { Sampler } from '@opentelemetry/sdk-trace-base';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace-base';
import { leanEngine } from '../src/chosen/lean/engine.ts';
import { consistentSampler } from '../src/chosen/sampler/index.ts';
import type { Engine } from '../src/road/spans/engine.ts';
import { sdkEngine } from '../src/road/spans/provider.ts';

/** Both engines, for tests that must pass with each. */
export const ENGINES: Readonly<Record<string, Engine>> = { sdk: sdkEngine, lean: leanEngine };

/** The engine under test. TRACE_LEAN=true chooses the lean engine. */
export const ENGINE: Engine = process.env.TRACE_LEAN === 'true' ? leanEngine : sdkEngine;

/** The sampler that OTEL_TRACES_SAMPLER and OTEL_TRACES_SAMPLER_ARG name. */
export function samplerNamed(name: string, arg = '1'): Sampler {
  const parentBased = name.startsWith('parentbased_');
  const kind = name.replace('parentbased_', '');
  if (kind === 'consistent_probability') return consistentSampler({ probability: Number(arg), parentBased });
  const root =
    kind === 'traceidratio'
      ? new TraceIdRatioBasedSampler(Number(arg))
      : kind === 'always_on'
        ? new AlwaysOnSampler()
        : new AlwaysOffSampler();
  return parentBased ? new ParentBasedSampler({ root }) : root;
}
