import type { TracerProvider } from '@opentelemetry/api';
import type { LoggerProvider } from '@opentelemetry/api-logs';
import type { Logger } from './delivery/logger.ts';
import type { TelemetrySettings } from './settings/index.ts';

/** The telemetry that an instrument adds to. */
export interface InstrumentParts {
  /** Undefined with OTEL_SDK_DISABLED: contexts travel, and there are no spans. */
  readonly provider: TracerProvider | undefined;
  /** Undefined when no log records are sent. */
  readonly loggerProvider: LoggerProvider | undefined;
  readonly settings: TelemetrySettings;
  readonly log: Logger;
}

/**
 * Makes the spans or log records of a library, or of Node.
 *
 * @returns how to stop; undefined where nothing was started
 */
export type Instrument = (parts: InstrumentParts) => (() => void) | undefined;
