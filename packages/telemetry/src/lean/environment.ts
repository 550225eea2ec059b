import { diag } from '@opentelemetry/api';
import { getNumberFromEnv, getStringFromEnv } from '@opentelemetry/core';
import type { Sampler, SpanLimits } from '@opentelemetry/sdk-trace-base';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace-base';

/** Reads the sampler from OTEL_TRACES_SAMPLER and OTEL_TRACES_SAMPLER_ARG, as the SDK's provider does. */
export function samplerOfEnvironment(): Sampler {
  const name = getStringFromEnv('OTEL_TRACES_SAMPLER') ?? 'parentbased_always_on';
  const root = ROOTS[name.replace(/^parentbased_/, '')];
  if (root === undefined)
    diag.error(`OTEL_TRACES_SAMPLER value "${name}" invalid, defaulting to "parentbased_always_on".`);
  if (root !== undefined && !name.startsWith('parentbased_')) return root();
  return new ParentBasedSampler({ root: root?.() ?? new AlwaysOnSampler() });
}

const ROOTS: Readonly<Record<string, () => Sampler>> = {
  always_on: () => new AlwaysOnSampler(),
  always_off: () => new AlwaysOffSampler(),
  traceidratio: () => new TraceIdRatioBasedSampler(getNumberFromEnv('OTEL_TRACES_SAMPLER_ARG') ?? 1),
};

/** Reads the limits of spans: the variable for spans, or the variable for all items, or the default. */
export function limitsOfEnvironment(): Required<SpanLimits> {
  const limit = (name: string, otherwise: number) =>
    getNumberFromEnv(`OTEL_SPAN_${name}`) ?? getNumberFromEnv(`OTEL_${name}`) ?? otherwise;
  return {
    attributeCountLimit: limit('ATTRIBUTE_COUNT_LIMIT', 128),
    attributeValueLengthLimit: limit('ATTRIBUTE_VALUE_LENGTH_LIMIT', Number.POSITIVE_INFINITY),
    eventCountLimit: limit('EVENT_COUNT_LIMIT', 128),
    linkCountLimit: limit('LINK_COUNT_LIMIT', 128),
    attributePerEventCountLimit: limit('ATTRIBUTE_PER_EVENT_COUNT_LIMIT', 128),
    attributePerLinkCountLimit: limit('ATTRIBUTE_PER_LINK_COUNT_LIMIT', 128),
  };
}
