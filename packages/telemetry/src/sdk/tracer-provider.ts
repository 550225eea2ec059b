import type { Tracer, TracerOptions, TracerProvider } from '@opentelemetry/api';
import type { Resource, Sampler, SpanLimits, SpanProcessor } from '../opentelemetry/sdk.ts';
import { defaultResource } from '../opentelemetry/sdk.ts';
import { TraceClock } from './clock.ts';
import type { SpanOrigin } from './span-origin.ts';
import { SpanTracer } from './tracer.ts';

/** The parts that spans of a process are made with. */
export interface TracerProviderOptions {
  readonly resource?: Resource;
  readonly sampler: Sampler;
  /** Default: 128 attributes, events and links, and values of any length. */
  readonly spanLimits?: SpanLimits;
  /** Called in this order for every span that starts and ends. */
  readonly spanProcessors: readonly SpanProcessor[];
  readonly clock?: TraceClock;
}

const DEFAULT_LIMITS: Required<SpanLimits> = {
  attributeCountLimit: 128,
  attributeValueLengthLimit: Number.POSITIVE_INFINITY,
  eventCountLimit: 128,
  linkCountLimit: 128,
  attributePerEventCountLimit: 128,
  attributePerLinkCountLimit: 128,
};

/**
 * Makes the tracers of a process (OpenTelemetry specification, Trace SDK), whose spans take their times from one clock:
 * spans of one process nest to the nanosecond.
 */
export class ProcessTracerProvider implements TracerProvider {
  readonly #origin: Omit<SpanOrigin, 'scope'>;
  readonly #sampler: Sampler;
  readonly #tracers: SpanTracer[] = [];

  constructor(options: TracerProviderOptions) {
    this.#sampler = options.sampler;
    this.#origin = {
      resource: options.resource ?? defaultResource(),
      limits: { ...DEFAULT_LIMITS, ...options.spanLimits },
      processors: options.spanProcessors,
      clock: options.clock ?? new TraceClock(),
    };
  }

  getTracer(name: string, version?: string, options?: TracerOptions): Tracer {
    const schemaUrl = options?.schemaUrl;
    // Called for each span of this package. Scopes are few, and a key for a Map would be a new text each time.
    for (const tracer of this.#tracers) {
      const { scope } = tracer.origin;
      if (scope.name === name && scope.version === version && scope.schemaUrl === schemaUrl) return tracer;
    }
    const scope = { name, version, schemaUrl } as SpanOrigin['scope'];
    const tracer = new SpanTracer({ ...this.#origin, scope }, this.#sampler);
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
