import type { LastFailure } from './counters.ts';
import type { Pipeline } from './export/pipeline.ts';
import { arrivals } from './fastify/server-span.ts';
import type { Logger } from './logger.ts';
import type { ReadableSpan } from './opentelemetry/sdk.ts';
import { describeEnd } from './report/announce.ts';
import type { FailureReport } from './report/failure-report.ts';
import type { EndingTelemetry } from './running-telemetry.ts';
import { setRunningTelemetry } from './running-telemetry.ts';
import { OpenSpans } from './sdk/open-spans.ts';
import type { ProcessTracerProvider } from './sdk/tracer-provider.ts';
import type { Destination, TelemetrySettings } from './settings/index.ts';
import type { RunningLogs } from './start-logs.ts';

/** What is not sent by then is kept on disk; below the 3 s that a dying process gives us. */
const SHUTDOWN_TIMEOUT_MS = 2_500;

/** What was started, and is stopped together. */
export interface Parts {
  readonly settings: TelemetrySettings;
  readonly log: Logger;
  /** Undefined where no spans are made. */
  readonly provider?: ProcessTracerProvider;
  readonly openSpans?: OpenSpans;
  /** Undefined unless spans are exported by OTLP. */
  readonly delivery?: Pipeline<ReadableSpan> | undefined;
  readonly logs?: RunningLogs | undefined;
  readonly failures?: { readonly spans: FailureReport; readonly logs: FailureReport };
  readonly undo: readonly (() => void)[];
}

/** Makes what was started the telemetry of this process. */
export function run(parts: Parts): EndingTelemetry {
  const { settings, log, provider, openSpans = new OpenSpans(), delivery, logs } = parts;
  let stopped: Promise<void> | undefined;
  const sayEnd = () => {
    const end = describeEnd(telemetry.counters());
    if (end) log[end.isLossless ? 'info' : 'warn'](end.fields, end.message);
  };
  const stop = async () => {
    openSpans.endAll();
    logs?.stop();
    await Promise.all([
      delivery?.shutdown(SHUTDOWN_TIMEOUT_MS),
      logs?.delivery?.shutdown(SHUTDOWN_TIMEOUT_MS),
    ]);
    await provider?.shutdown();
    for (const takeBack of parts.undo) takeBack();
    setRunningTelemetry(undefined);
    sayEnd();
  };
  const telemetry: EndingTelemetry = {
    settings,
    log,
    openSpans,
    counters: () => countersOf(parts),
    async flush() {
      await Promise.all([provider?.forceFlush(), logs?.delivery?.flush()]);
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

function countersOf({ settings, delivery, logs, failures }: Parts) {
  return {
    spans: { destinations: delivery?.counters() ?? [] },
    logs: { destinations: logs?.delivery?.counters() ?? [] },
    lastFailures: [
      ...lastFailures('traces', settings.destinations, failures?.spans),
      ...lastFailures('logs', settings.logs.destinations, failures?.logs),
    ],
    arrivals: { ...arrivals() },
  };
}

function lastFailures(
  signal: LastFailure['signal'],
  destinations: readonly Destination[],
  report: FailureReport | undefined,
): LastFailure[] {
  return destinations.flatMap(({ name: destination, url }) => {
    const last = report?.lastFailure(url);
    return last ? [{ destination, signal, ...last }] : [];
  });
}
