import type { TelemetryCounters } from './counters.ts';
import type { Pipeline } from './export/pipeline.ts';
import type { Logger } from './logger.ts';
import { describeEnd } from './report/announce.ts';
import type { EndingTelemetry } from './running-telemetry.ts';
import { running } from './running-telemetry.ts';
import { OpenSpans } from './sdk/open-spans.ts';
import type { ProcessTracerProvider } from './sdk/tracer-provider.ts';
import type { TelemetrySettings } from './settings/index.ts';

/** Later, the rest is kept on disk. Below the 3 s that a dying process gives us. */
const SHUTDOWN_TIMEOUT_MS = 2_500;

/** A signal on its way to its destinations by OTLP. */
export interface SignalExport {
  readonly name: 'traces' | 'logs';
  readonly delivery: Pick<Pipeline<never>, 'counters' | 'flush' | 'shutdown' | 'spillSync'>;
}

/** The parts that are started and stopped together. */
export interface Parts {
  readonly settings: TelemetrySettings;
  readonly log: Logger;
  /** Undefined where no spans are made. */
  readonly provider?: ProcessTracerProvider;
  readonly openSpans?: OpenSpans;
  readonly exports?: readonly SignalExport[];
  /** Ends the making of log records. */
  readonly stopLogs?: (() => void) | undefined;
  readonly undo: readonly (() => void)[];
}

/** Makes the started parts the telemetry of this process. */
export function run(parts: Parts): EndingTelemetry {
  const { settings, log, provider, openSpans = new OpenSpans(), exports = [], stopLogs } = parts;
  let stopped: Promise<void> | undefined;
  let isEndSaid = false;
  const sayEnd = () => {
    const end = isEndSaid ? undefined : describeEnd(countersOf(exports));
    isEndSaid = true;
    if (end) log[end.isLossless ? 'info' : 'warn'](end.fields, end.message);
  };
  const stop = async () => {
    openSpans.endAll();
    stopLogs?.();
    await Promise.all(exports.map(({ delivery }) => delivery.shutdown(SHUTDOWN_TIMEOUT_MS)));
    await provider?.shutdown();
    for (const takeBack of parts.undo) takeBack();
    running.value = undefined;
    sayEnd();
  };
  const telemetry: EndingTelemetry = {
    settings,
    log,
    openSpans,
    counters: () => countersOf(exports),
    async flush() {
      await Promise.all([provider?.forceFlush(), ...exports.map(({ delivery }) => delivery.flush())]);
    },
    shutdown() {
      stopped ??= stop().catch((error: unknown) =>
        log.error({ err: error }, 'Telemetry did not stop cleanly'),
      );
      return stopped;
    },
    endSync() {
      stopLogs?.();
      openSpans.endAll();
      for (const { delivery } of exports) delivery.spillSync();
      sayEnd();
    },
  };
  running.value = telemetry;
  return telemetry;
}

function countersOf(exports: readonly SignalExport[]): TelemetryCounters {
  const destinationsOf = (name: SignalExport['name']) =>
    exports.filter((each) => each.name === name).flatMap(({ delivery }) => delivery.counters());
  return {
    spans: { destinations: destinationsOf('traces') },
    logs: { destinations: destinationsOf('logs') },
  };
}
