import { processWide } from '../common/process-wide.ts';
import type { Logger } from '../road/delivery/logger.ts';
import type { TelemetryCounters } from './report/announce.ts';
import type { TelemetrySettings } from './settings/index.ts';

/** Running telemetry, as `registerTelemetry` returns it. */
export interface Telemetry {
  /** The settings in effect. Do not log destinations, which hold keys. */
  readonly settings: TelemetrySettings;
  /** The logger for telemetry's lines. */
  readonly log: Logger;
  /**
   * Sends all waiting items. Resolves when each is sent, or on disk, or cannot be sent at the moment.
   *
   * @param options `endOpenSpans: true` ends the open spans first, as Errors with `error.type` `timeout`: for a function whose
   *   time is up, and whose process is frozen after its answer. Their later ends change nothing
   */
  flush(options?: { readonly endOpenSpans?: boolean }): Promise<void>;
  /** Ends open spans, sends for at most 2 s, keeps the rest on disk, and stops. Never rejects. */
  shutdown(): Promise<void>;
  /** Numbers of sent, kept and lost spans and log records. */
  counters(): TelemetryCounters;
}

/** The telemetry of this process, until its shutdown. */
export const running = processWide<Telemetry | undefined>('running 1', undefined);

/** Takes the running telemetry's instrumentations and global registrations back, for test telemetry. Its spans are still sent. */
export const standDown = processWide<(() => void) | undefined>('stand down 1', undefined);

/** Writes what waits to disk, in a thread, which its owner may end without an event. */
export const keepWaiting = processWide<(() => void) | undefined>('keep waiting 1', undefined);
