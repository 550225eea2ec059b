import type { Tracer, TracerOptions } from '@opentelemetry/api';
import type { InstrumentationScope } from '@opentelemetry/core';
import type { Sampler } from '@opentelemetry/sdk-trace-base';
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import type { Engine } from '../../road/spans/engine.ts';
import { samplingOf } from '../../road/spans/official-members.ts';
import type { SpanOrigin } from './span.ts';
import { LeanTracer } from './tracer.ts';

/** The SDK's provider with own tracers (OpenTelemetry specification, Trace SDK). All spans use one clock. */
export class LeanTracerProvider extends NodeTracerProvider {
  readonly #origin: Omit<SpanOrigin, 'scope'>;
  readonly #sampler: Sampler;
  readonly #tracers: LeanTracer[] = [];

  constructor(options: Parameters<Engine['createProvider']>[0]) {
    super(options);
    const { resource, spanProcessors: processors } = options;
    const { sampler, limits } = samplingOf(super.getTracer(''));
    this.#sampler = sampler;
    this.#origin = { resource, limits: meantLimits(limits), processors };
  }

  override getTracer(name: string, version?: string, options?: TracerOptions): Tracer {
    const schemaUrl = options?.schemaUrl;
    // Instrumentations ask for a tracer per span. Scopes are few, and a Map would need a new text as the key.
    for (const tracer of this.#tracers) {
      const { scope } = tracer.origin;
      if (scope.name === name && scope.version === version && scope.schemaUrl === schemaUrl) return tracer;
    }
    const scope = { name, version, schemaUrl } as InstrumentationScope;
    const tracer = new LeanTracer({ ...this.#origin, scope }, this.#sampler);
    this.#tracers.push(tracer);
    return tracer;
  }
}

/** A length of 0 or less is none, as in the SDK; a number of 0 or less keeps nothing. */
function meantLimits(limits: SpanOrigin['limits']): SpanOrigin['limits'] {
  const { attributeValueLengthLimit: length } = limits;
  return {
    ...limits,
    attributeValueLengthLimit: length > 0 ? length : Number.POSITIVE_INFINITY,
    attributePerEventCountLimit: Math.max(0, limits.attributePerEventCountLimit),
    attributePerLinkCountLimit: Math.max(0, limits.attributePerLinkCountLimit),
  };
}
