import { defaultTextMapSetter, ROOT_CONTEXT, SpanStatusCode, trace } from '@opentelemetry/api';
import { AlwaysOnSampler, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { propagatorOf } from '../../chosen/propagators/propagator.ts';
import { logSafeUrl } from '../../process/secrets/secrets.ts';
import type { TelemetrySettings } from '../../process/settings/index.ts';
import { ExportRequest } from '../../road/delivery/batch-processor.ts';
import { SPANS } from '../../road/delivery/signal.ts';
import { sdkEngine } from '../../road/spans/provider.ts';
import { createResource } from '../../road/spans/resource.ts';
import { send } from './examine-destination.ts';
import type { Finding } from './finding.ts';

/** Longest time for one destination's answer, in milliseconds. */
const TIMEOUT_MS = 10_000;

/** An open span, the parent of a request to a service. */
export interface SelfTest {
  readonly traceId: string;
  /** Headers that carry the span's context, by OTEL_PROPAGATORS. */
  readonly headers: Readonly<Record<string, string>>;
  /**
   * Ends the span, and sends the span to all destinations at once, without repetition.
   *
   * @param problem the request's error, for the span
   * @returns each destination's answer
   */
  deliver(problem?: string): Promise<Finding[]>;
}

/**
 * Begins a trace with one span of this process, always sampled. Nothing global is registered, and nothing is kept on
 * disk.
 *
 * @param settings the destinations, and the propagators
 * @param serviceName the service of the span
 */
export function startSelfTest(settings: TelemetrySettings, serviceName: string): SelfTest {
  const ended = new InMemorySpanExporter();
  const provider = sdkEngine.createProvider({
    resource: createResource({ ...settings, service: { name: serviceName, version: undefined } }),
    sampler: new AlwaysOnSampler(),
    spanProcessors: [new SimpleSpanProcessor(ended)],
  });
  const span = provider.getTracer(serviceName).startSpan('self-test', {}, ROOT_CONTEXT);
  const headers: Record<string, string> = {};
  const active = trace.setSpan(ROOT_CONTEXT, span);
  propagatorOf(settings.propagators).inject(active, headers, defaultTextMapSetter);
  return {
    traceId: span.spanContext().traceId,
    headers,
    async deliver(problem) {
      if (problem !== undefined) span.setStatus({ code: SpanStatusCode.ERROR, message: problem });
      span.end();
      const request = new ExportRequest(ended.getFinishedSpans(), SPANS);
      return Promise.all(
        settings.destinations.map(async (destination): Promise<Finding> => {
          const check = 'self-test';
          const { finding, milliseconds } = await send(
            destination,
            (exporter) => exporter.send(request.encode(), request.length),
            TIMEOUT_MS,
            check,
          );
          const what = `${logSafeUrl(destination.url)} took the span${milliseconds}.`;
          return finding ?? { check, level: 'ok', what };
        }),
      );
    },
  };
}
