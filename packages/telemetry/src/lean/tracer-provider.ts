import type { Tracer, TracerOptions } from '@opentelemetry/api';
import { context, propagation, trace } from '@opentelemetry/api';
import type { InstrumentationScope } from '@opentelemetry/core';
import type { Resource } from '@opentelemetry/resources';
import type { Sampler, SpanLimits, SpanProcessor } from '@opentelemetry/sdk-trace-base';
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import type { TraceClock } from '../spans/clock.ts';
import type { ProcessTracerProvider, ProviderOptions } from '../spans/engine.ts';
import type { OpenSpans } from '../spans/open-spans.ts';
import { LeanTracer } from './tracer.ts';

/** The common parts of the spans of one tracer. */
export interface SpanOrigin {
  readonly resource: Resource;
  readonly scope: InstrumentationScope;
  readonly limits: Required<SpanLimits>;
  readonly processors: readonly SpanProcessor[];
  readonly clock: TraceClock;
  readonly openSpans: OpenSpans;
}

/** A tracer of the pinned SDK: its provider reads the sampler and the limits of spans from the environment. */
interface SdkTracer {
  readonly _sampler: Sampler;
  readonly _spanLimits: Required<SpanLimits>;
}

/** Makes the tracers of a process (OpenTelemetry specification, Trace SDK). All spans use one clock. */
export class LeanTracerProvider implements ProcessTracerProvider {
  readonly #origin: Omit<SpanOrigin, 'scope'>;
  readonly #sampler: Sampler;
  readonly #tracers: LeanTracer[] = [];

  constructor({ resource, sampler, spanProcessors, clock, openSpans = new Set() }: ProviderOptions) {
    const sdk = new NodeTracerProvider(sampler && { sampler }).getTracer(
      '',
    ) as Partial<SdkTracer> as SdkTracer;
    this.#sampler = sdk._sampler;
    this.#origin = { resource, limits: sdk._spanLimits, processors: spanProcessors, clock, openSpans };
  }

  register({ propagator, contextManager }: Parameters<ProcessTracerProvider['register']>[0]): void {
    trace.setGlobalTracerProvider(this);
    context.setGlobalContextManager(contextManager.enable());
    propagation.setGlobalPropagator(propagator);
  }

  getTracer(name: string, version?: string, options?: TracerOptions): Tracer {
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

  /** Resolves when every span processor has sent its spans. */
  async forceFlush(): Promise<void> {
    await Promise.all(this.#origin.processors.map((processor) => processor.forceFlush()));
  }

  /** Stops the span processors. Our own processors send their spans first. */
  async shutdown(): Promise<void> {
    await Promise.all(this.#origin.processors.map((processor) => processor.shutdown()));
  }
}
