import { defaultTextMapSetter, ROOT_CONTEXT, SpanStatusCode, trace } from '@opentelemetry/api';
import { Propagator } from '../context/propagator.ts';
import { AlwaysOnSampler, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { createResource } from '../resource.ts';
import { ProcessTracerProvider } from '../sdk/tracer-provider.ts';
import { logSafeUrl } from '../report/secrets.ts';
import type { TelemetrySettings } from '../settings.ts';
import { BatchBuilder } from '../wire/batch.ts';
import { encodeSpan } from '../wire/encode-span.ts';
import { send } from './examine-destination.ts';
import type { Finding } from './finding.ts';

/** Longest time for one destination's answer, in milliseconds. */
const TIMEOUT_MS = 10_000;

/** A span under way that a service's request can be made in. */
export interface SelfTest {
  readonly traceId: string;
  /** Headers that carry the span's context, by OTEL_PROPAGATORS. */
  readonly headers: Readonly<Record<string, string>>;
  /**
   * Ends the span and sends it to every destination, once and at the same time.
   *
   * @param problem an error of the request, for the span
   * @returns each destination's answer
   */
  deliver(problem?: string): Promise<Finding[]>;
}

/**
 * Begins a trace with one span of this process, always sampled. Nothing global is registered, and nothing is kept on
 * disk.
 *
 * @param settings where the span is sent, and which headers carry its context
 * @param serviceName whose span it is
 */
export function startSelfTest(settings: TelemetrySettings, serviceName: string): SelfTest {
  const exporter = new InMemorySpanExporter();
  const provider = new ProcessTracerProvider({
    resource: createResource({ ...settings, service: { name: serviceName, version: undefined } }),
    sampler: new AlwaysOnSampler(),
    spanProcessors: [new SimpleSpanProcessor({ exporter })],
  });
  const span = provider.getTracer(serviceName).startSpan('self-test', {}, ROOT_CONTEXT);
  const headers: Record<string, string> = {};
  new Propagator(settings.propagators).inject(
    trace.setSpan(ROOT_CONTEXT, span),
    headers,
    defaultTextMapSetter,
  );
  return {
    traceId: span.spanContext().traceId,
    headers,
    async deliver(problem) {
      if (problem !== undefined) span.setStatus({ code: SpanStatusCode.ERROR, message: problem });
      span.end();
      const builder = new BatchBuilder(encodeSpan);
      for (const each of exporter.getFinishedSpans()) builder.add(each);
      const batch = builder.take();
      if (batch === undefined) return [];
      return Promise.all(
        settings.destinations.map(async (destination): Promise<Finding> => {
          const check = 'self-test';
          const { failure, milliseconds } = await send(destination, batch, TIMEOUT_MS, check);
          const what = `${logSafeUrl(destination.url)} took the span${milliseconds}.`;
          return failure ?? { check, level: 'ok', what };
        }),
      );
    },
  };
}
