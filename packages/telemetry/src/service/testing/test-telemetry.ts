import type { TextMapPropagator } from '@opentelemetry/api';
import { trace } from '@opentelemetry/api';
import { resourceFromAttributes } from '@opentelemetry/resources';
import type { ReadableSpan, Sampler, SpanProcessor } from '@opentelemetry/sdk-trace-base';
import {
  AlwaysOnSampler,
  InMemorySpanExporter,
  ParentBasedSampler,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { propagatorOf } from '../../chosen/propagators/propagator.ts';
import { features } from '../../features.ts';
import { standDown } from '../../process/running.ts';
import { readSettings } from '../../process/settings/index.ts';
import type { Engine } from '../../road/spans/engine.ts';
import { registerGlobals, unregisterGlobals } from '../../road/spans/globals.ts';
import { openSpans } from '../../road/spans/open-spans.ts';
import { sdkEngine } from '../../road/spans/provider.ts';
import { processorOf } from '../../road/spans/span-steps.ts';

/** Options of `createTestTelemetry`, with the defaults of `registerTelemetry`. */
export interface TestTelemetryOptions {
  readonly serviceName?: string;
  readonly sampler?: Sampler;
  readonly propagator?: TextMapPropagator;
  readonly spanProcessors?: readonly SpanProcessor[];
  /** Makes the spans; default: the SDK's. For a service with TRACE_LEAN: `leanEngine` of `@tandem/telemetry/lean`. */
  readonly engine?: Engine;
  /** Stalls of the process and parts of calls, as with TRACE_WAITS; default: false, because they are measured. */
  readonly waits?: boolean;
}

/** Telemetry that keeps finished spans in memory, so that a test can compare the waterfall. */
export interface TestTelemetry {
  /** Spans finished since the start or the last `reset`, ordered by end. */
  spans(): ReadableSpan[];
  reset(): void;
  flush(): Promise<void>;
  /** Unregisters the global tracer provider, context manager and propagator. */
  shutdown(): Promise<void>;
}

/**
 * Registers a tracer provider, context manager and propagators globally, as `registerTelemetry` does, with an in-memory
 * exporter in place of the network. A process has one test telemetry at a time. Telemetry that runs already, as under the
 * explorer's `run`, leaves the process to the test telemetry.
 *
 * @throws Error when a tracer provider is registered already
 */
export function createTestTelemetry(options: TestTelemetryOptions = {}): TestTelemetry {
  const { serviceName = 'test' } = options;
  const settings = readSettings({
    OTEL_SERVICE_NAME: serviceName,
    TRACE_WAITS: String(options.waits ?? false),
  });
  const exporter = new InMemorySpanExporter();
  const { createProvider } = options.engine ?? sdkEngine;
  const provider = createProvider({
    resource: resourceFromAttributes({ 'service.name': serviceName }),
    sampler: options.sampler ?? new ParentBasedSampler({ root: new AlwaysOnSampler() }),
    spanProcessors: [
      processorOf([
        openSpans,
        ...features.flatMap((each) => each.step?.(settings) ?? []),
        ...(options.spanProcessors ?? []),
        new SimpleSpanProcessor(exporter),
      ]),
    ],
  });
  standDown.value?.();
  if (!trace.setGlobalTracerProvider(provider))
    throw new Error('The process has a tracer provider already: shut the other test telemetry down first.');
  const stops = features.flatMap((each) => each.listen?.(settings) ?? []);
  registerGlobals(options.propagator ?? propagatorOf(['tracecontext', 'baggage']), provider);

  return {
    spans: () => exporter.getFinishedSpans(),
    reset: () => exporter.reset(),
    flush: () => provider.forceFlush(),
    async shutdown() {
      await provider.shutdown();
      for (const stop of stops) stop();
      unregisterGlobals();
    },
  };
}
