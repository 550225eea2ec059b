import type { Tracer, TracerOptions, TracerProvider } from '@opentelemetry/api';
import type {
  InstrumentationScope,
  Resource,
  Sampler,
  SpanLimits,
  SpanProcessor,
} from '../opentelemetry/sdk.ts';
import type { TraceClock } from '../sdk/clock.ts';
import { LeanTracer } from './tracer.ts';

/** The parts that spans of a process are made with. */
export interface TracerProviderOptions {
  readonly resource: Resource;
  readonly sampler: Sampler;
  /** Default: 128 attributes, events and links, and values of any length. */
  readonly spanLimits?: SpanLimits;
  /** Called in this order for every span that starts and ends. */
  readonly spanProcessors: readonly SpanProcessor[];
  readonly clock: TraceClock;
}

/** The common parts of the spans of one tracer. */
export interface SpanOrigin {
  readonly resource: Resource;
  readonly scope: InstrumentationScope;
  readonly limits: Required<SpanLimits>;
  readonly processors: readonly SpanProcessor[];
  readonly clock: TraceClock;
}

const DEFAULT_LIMITS: Required<SpanLimits> = {
  attributeCountLimit: 128,
  attributeValueLengthLimit: Number.POSITIVE_INFINITY,
  eventCountLimit: 128,
  linkCountLimit: 128,
  attributePerEventCountLimit: 128,
  attributePerLinkCountLimit: 128,
};

/** Makes the tracers of a process (OpenTelemetry specification, Trace SDK), whose spans take their times from one clock. */
export class LeanTracerProvider implements TracerProvider {
  readonly #origin: Omit<SpanOrigin, 'scope'>;
  readonly #sampler: Sampler;
  readonly #tracers: LeanTracer[] = [];

  constructor({ resource, sampler, spanLimits, spanProcessors, clock }: TracerProviderOptions) {
    this.#sampler = sampler;
    const limits = { ...DEFAULT_LIMITS, ...spanLimits };
    this.#origin = { resource, limits, processors: spanProcessors, clock };
  }

  getTracer(name: string, version?: string, options?: TracerOptions): Tracer {
    const schemaUrl = options?.schemaUrl;
    // Instrumentations ask for each span. Scopes are few, and a key for a Map would be a new text each time.
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

  /** Stops the span processors; our own send their spans first. */
  async shutdown(): Promise<void> {
    await Promise.all(this.#origin.processors.map((processor) => processor.shutdown()));
  }
}
