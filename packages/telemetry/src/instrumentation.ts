import type { TracerProvider } from '@opentelemetry/api';
import type { LoggerProvider } from '@opentelemetry/api-logs';
import type { TelemetrySettings } from './process/settings/index.ts';
import type { Logger } from './road/delivery/logger.ts';

/** The telemetry that an instrumentation adds to. */
export interface InstrumentationParts {
  /** Undefined with OTEL_SDK_DISABLED: contexts travel, and there are no spans. */
  readonly provider: TracerProvider | undefined;
  /** Undefined when no log records are sent. */
  readonly loggerProvider: LoggerProvider | undefined;
  readonly settings: TelemetrySettings;
  readonly log: Logger;
}

/**
 * Starts to make the spans or log records of a library, or of Node.
 *
 * @returns how to stop; undefined where nothing was started
 */
export type StartInstrumentation = (parts: InstrumentationParts) => (() => void) | undefined;

/** The used members of an instrumentation of OpenTelemetry's packages. */
export interface OfficialInstrumentation {
  setTracerProvider(provider: TracerProvider): void;
  setLoggerProvider?(provider: LoggerProvider): void;
  getConfig(): { readonly enabled?: boolean };
  enable(): void;
  disable(): void;
}

/** Makes the spans or log records of a library, or of Node: `fastify()`, or `new PgInstrumentation()`. */
export type Instrumentation = StartInstrumentation | OfficialInstrumentation;

/** Starts an instrumentation. @returns how to stop; undefined where nothing was started */
export function startInstrumentation(
  instrumentation: Instrumentation,
  parts: InstrumentationParts,
): (() => void) | undefined {
  if (typeof instrumentation === 'function') return instrumentation(parts);
  if (parts.provider) instrumentation.setTracerProvider(parts.provider);
  if (parts.loggerProvider) instrumentation.setLoggerProvider?.(parts.loggerProvider);
  // It is enabled as it is made, unless its options say otherwise. Twice would be two spans of each call.
  if (instrumentation.getConfig().enabled === false) instrumentation.enable();
  return () => instrumentation.disable();
}
