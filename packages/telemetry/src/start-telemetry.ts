import { context, propagation, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { CompositePropagator, W3CBaggagePropagator, W3CTraceContextPropagator } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import type { SpanProcessor } from '@opentelemetry/sdk-trace-base';
import { BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { ConsoleSpanProcessor } from './console/console-span-processor.ts';
import { setLogServiceName } from './log-mixin.ts';
import type { Logger } from './logger.ts';
import { createLogger, logDiagnostics } from './logger.ts';
import { createResource } from './resource.ts';
import type { Environment, TelemetrySettings } from './settings/index.ts';
import { readSettings } from './settings/index.ts';

export interface StartOptions {
  /** Default: this process's environment. */
  readonly environment?: Environment;
  /** Where to look for the service's package.json; default: the working directory. */
  readonly directory?: string;
  readonly log?: Logger;
  /** Further span processors, run before the export. */
  readonly spanProcessors?: readonly SpanProcessor[];
}

/** Running telemetry. */
export interface Telemetry {
  readonly settings: TelemetrySettings;
  /** Sends what waits; resolves when it is sent, or given up. */
  flush(): Promise<void>;
  /** Flushes and stops; later spans are not recorded. Never rejects. */
  shutdown(): Promise<void>;
}

/**
 * Starts tracing in this process: reads the settings, registers the global tracer provider, context manager and
 * propagators, and the exporters that the settings name. Once per process.
 *
 * @throws SettingsError for a setting that the process cannot start with
 * @throws Error when telemetry runs already
 */
export function startTelemetry(options: StartOptions = {}): Telemetry {
  const environment = options.environment ?? process.env;
  const settings = readSettings(environment, options.directory ?? process.cwd());
  setLogServiceName(settings.service.name);
  const log = options.log ?? createLogger(environment.LOG_LEVEL || 'info');
  if (settings.disabled) return { settings, flush: async () => {}, shutdown: async () => {} };
  logDiagnostics(log, settings.logLevel);

  const provider = new NodeTracerProvider({
    resource: createResource(settings),
    spanLimits: settings.spanLimits,
    spanProcessors: [...(options.spanProcessors ?? []), ...createSpanProcessors(settings)],
  });
  if (!trace.setGlobalTracerProvider(provider)) {
    throw new Error(
      'Telemetry runs already in this process: start it once, with `node --import @tandem/telemetry/register`.',
    );
  }
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(
    new CompositePropagator({ propagators: [new W3CTraceContextPropagator(), new W3CBaggagePropagator()] }),
  );

  return {
    settings,
    flush: () => provider.forceFlush(),
    shutdown: () =>
      provider
        .shutdown()
        .catch((error: unknown) => log.error({ err: error }, 'Telemetry did not stop cleanly')),
  };
}

function createSpanProcessors(settings: TelemetrySettings): SpanProcessor[] {
  const processors: SpanProcessor[] = [];
  if (settings.exporters.includes('console')) processors.push(new ConsoleSpanProcessor());
  if (settings.exporters.includes('otlp')) {
    for (const { url, headers, timeoutMs } of settings.destinations) {
      processors.push(
        new BatchSpanProcessor(new OTLPTraceExporter({ url, headers, timeoutMillis: timeoutMs }), {
          maxQueueSize: settings.batch.maxQueueSize,
          maxExportBatchSize: settings.batch.maxExportBatchSize,
          scheduledDelayMillis: settings.batch.scheduleDelayMs,
          exportTimeoutMillis: settings.batch.exportTimeoutMs,
        }),
      );
    }
  }
  return processors;
}
