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
  /** Sends what waits; resolves when it is sent, or given up. */
  flush(): Promise<void>;
  /** Ends open spans, sends what can be sent within 2.5 s, keeps the rest on disk, and stops. Never rejects. */
  shutdown(): Promise<void>;
  /** Writes the spans that are in memory only to disk before it returns; returns how many could not be kept. */
  spillSync(): number;
  /** What became of spans and log records, the last failure of each destination, and what else telemetry counts. */
  counters(): TelemetryCounters;
}

/** What the hooks of a process need besides. */
export interface EndingTelemetry extends Telemetry {
  /** Spans under way, which end with the process. */
  readonly openSpans: {
    recordUncaught(error: unknown): void;
    endAll(): void;
  };
  /**
   * The end of a process that made spans to the last: ends those that are open, keeps on disk what is in memory only,
   * and logs what became of everything, before it returns. Later log lines make no records.
   */
  endSync(): void;
}

const running = processWide<Telemetry | undefined>('running 1', undefined);

/** The telemetry that `startTelemetry` started in this process, until its shutdown. */
export function runningTelemetry(): Telemetry | undefined {
  return running.value;
}

/** Called by `startTelemetry`, and with `undefined` at shutdown. */
export function setRunningTelemetry(telemetry: Telemetry | undefined): void {
  running.value = telemetry;
}

const serverTraced = processWide('server traced 1', false);

/** Whether a server of this process has the plugin that makes SERVER spans. */
export function isServerTraced(): boolean {
  return serverTraced.value;
}

/** Called by the plugin. */
export function setServerTraced(): void {
  serverTraced.value = true;
}
