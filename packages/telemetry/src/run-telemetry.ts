import type { TextMapPropagator } from '@opentelemetry/api';
import type { Pipeline } from './export/pipeline.ts';
import { arrivals } from './fastify/server-span.ts';
import { passContextWithRequests } from './http/lean-client.ts';
import type { Logger } from './logger.ts';
import type { ReadableSpan } from './opentelemetry/sdk.ts';
import { describeEnd } from './report/announce.ts';
import type { FailureReport } from './report/failure-report.ts';
import type { EndingTelemetry } from './running-telemetry.ts';
import { runningTelemetry, setRunningTelemetry } from './running-telemetry.ts';
import { registerPropagation, unregisterGlobals } from './sdk/globals.ts';
import { OpenSpans } from './sdk/open-spans.ts';
import type { ProcessTracerProvider } from './sdk/tracer-provider.ts';
import type { TelemetrySettings } from './settings/index.ts';
import type { RunningLogs } from './start-logs.ts';

/** What is not sent by then is kept on disk; below the 3 s that a dying process gives us. */
const SHUTDOWN_TIMEOUT_MS = 2_500;

/** What was started, and is stopped together. */
export interface Parts {
  readonly settings: TelemetrySettings;
  readonly log: Logger;
  readonly provider: ProcessTracerProvider;
  readonly openSpans: OpenSpans;
  /** Undefined unless spans are exported by OTLP. */
  readonly delivery: Pipeline<ReadableSpan> | undefined;
  readonly logs: RunningLogs | undefined;
  readonly failures: { readonly spans: FailureReport; readonly logs: FailureReport };
  readonly undo: readonly (() => void)[];
}

/** Makes what was started the telemetry of this process. */
export function run(parts: Parts): EndingTelemetry {
  const { settings, log, provider, openSpans, delivery, logs } = parts;
  let stopped: Promise<void> | undefined;
  const counters = () => ({ ...deliveryCounters(parts), arrivals: { ...arrivals() } });
  const sayEnd = () => {
    const end = describeEnd(counters());
    if (end) log[end.isLossless ? 'info' : 'warn'](end.fields, end.message);
  };
  const stop = async () => {
    openSpans.endAll();
    logs?.stop();
    await Promise.all([
      delivery?.shutdown(SHUTDOWN_TIMEOUT_MS),
      logs?.delivery?.shutdown(SHUTDOWN_TIMEOUT_MS),
    ]);
    await provider.shutdown();
    for (const takeBack of parts.undo) takeBack();
    unregisterGlobals();
    setRunningTelemetry(undefined);
    sayEnd();
  };
  const telemetry: EndingTelemetry = {
    settings,
    log,
    openSpans,
    counters,
    async flush() {
      await Promise.all([provider.forceFlush(), logs?.delivery?.flush()]);
    },
    shutdown() {
      stopped ??= stop().catch((error: unknown) =>
        log.error({ err: error }, 'Telemetry did not stop cleanly'),
      );
      return stopped;
    },
    spillSync: () => (delivery?.spillSync() ?? 0) + (logs?.delivery?.spillSync() ?? 0),
    endSync() {
      logs?.stop();
      openSpans.endAll();
      telemetry.spillSync();
      sayEnd();
    },
  };
  setRunningTelemetry(telemetry);
  return telemetry;
}

/**
 * Makes a telemetry without spans that of this process.
 *
 * @param isContextPassed whether the context of callers is passed on: OTEL_SDK_DISABLED "has no effect on propagators"
 *   (OpenTelemetry specification, environment variables). The API's own tracer takes the span of the caller for every
 *   span that would be made here.
 */
export function runWithoutSpans({
  settings,
  log,
  propagator,
  isContextPassed,
}: Pick<Parts, 'settings' | 'log'> & {
  readonly propagator: TextMapPropagator;
  readonly isContextPassed: boolean;
}): EndingTelemetry {
  if (isContextPassed) registerPropagation(propagator);
  const stopPassing = isContextPassed ? passContextWithRequests() : undefined;
  const telemetry: EndingTelemetry = {
    settings,
    log,
    openSpans: new OpenSpans(),
    flush: async () => {},
    async shutdown() {
      if (runningTelemetry() !== telemetry) return;
      stopPassing?.();
      if (isContextPassed) unregisterGlobals();
      setRunningTelemetry(undefined);
    },
    spillSync: () => 0,
    endSync() {},
    counters: () => ({
      spans: { destinations: [] },
      logs: { destinations: [] },
      lastFailures: [],
      arrivals: { ...arrivals() },
    }),
  };
  setRunningTelemetry(telemetry);
  return telemetry;
}

function deliveryCounters({ settings, delivery, logs, failures }: Parts) {
  const failing = (signal: 'traces' | 'logs') => {
    const [destinations, report] =
      signal === 'traces'
        ? [settings.destinations, failures.spans]
        : [settings.logs.destinations, failures.logs];
    return destinations.flatMap(({ name: destination, url }) => {
      const last = report.lastFailure(url);
      return last ? [{ destination, signal, ...last }] : [];
    });
  };
  return {
    spans: { destinations: delivery?.counters() ?? [] },
    logs: { destinations: logs?.delivery?.counters() ?? [] },
    lastFailures: [...failing('traces'), ...failing('logs')],
  };
}
