import type { TelemetryCounters } from './counters.ts';
import type { Logger } from './logger.ts';
import { processWide } from './process-wide.ts';
import type { TelemetrySettings } from './settings/index.ts';

/** Running telemetry, as `startTelemetry` returns it. */
export interface Telemetry {
  /** The settings in effect. Headers in it hold keys: do not log them. */
  readonly settings: TelemetrySettings;
  /** Where telemetry writes to. */
  readonly log: Logger;
  /** Sends all waiting items; resolves when they are sent, or on disk, or cannot be sent at the moment. */
  flush(): Promise<void>;
  /** Ends open spans, sends for at most 2.5 s, keeps the rest on disk, and stops. Never rejects. */
  shutdown(): Promise<void>;
  /** How many spans and log records were sent, kept and lost. */
  counters(): TelemetryCounters;
}

/** Telemetry for the hooks that run when the process ends. */
export interface EndingTelemetry extends Telemetry {
  /** Spans that are open, and end with the process. */
  readonly openSpans: {
    recordUncaught(error: unknown): void;
    endAll(): void;
  };
  /**
   * Ends open spans, writes to disk all that is in memory only, and logs the counters, before it returns.
   * Later log lines make no records.
   */
  endSync(): void;
}

/** The telemetry that `startTelemetry` started in this process, until its shutdown. */
export const running = processWide<Telemetry | undefined>('running 1', undefined);
