import { context, propagation, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import type { SpanProcessor } from '@opentelemetry/sdk-trace-base';
import { BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { ConsoleSpanProcessor } from './console/console-span-processor.ts';
import { createFailureReporter, redactUrl, reportingExporter } from './export/index.ts';
import { canSend, checkHoneycombKey, describeKeyCheck, findKey } from './honeycomb/index.ts';
import { setLogServiceName } from './log-mixin.ts';
import type { Logger } from './logger.ts';
import { createLogger, logDiagnostics } from './logger.ts';
import { baggageAttributes, createPropagator } from './propagation/index.ts';
import { createResource } from './resource.ts';
import { createSampler } from './sampling/index.ts';
import type { Environment, TelemetrySettings } from './settings/index.ts';
import { readSettings } from './settings/index.ts';

/** Baggage that becomes an attribute of every span of its trace. */
const BAGGAGE_ATTRIBUTES = ['user.id', 'tandem.scenario'];

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
  readonly log: Logger;
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
  const propagator = createPropagator(settings.propagators);
  const sampler = createSampler(settings.sampler.name, settings.sampler.argument);
  setLogServiceName(settings.service.name);
  const log = options.log ?? createLogger(settings.serviceLogLevel);
  if (settings.disabled) {
    log.info({}, 'Tracing is off: OTEL_SDK_DISABLED=true');
    return { settings, log, flush: async () => {}, shutdown: async () => {} };
  }
  logDiagnostics(log, settings.logLevel);

  const provider = new NodeTracerProvider({
    resource: createResource(settings),
    sampler,
    spanLimits: settings.spanLimits,
    spanProcessors: [
      baggageAttributes(BAGGAGE_ATTRIBUTES),
      ...(options.spanProcessors ?? []),
      ...createExport(settings, log),
    ],
  });
  if (!trace.setGlobalTracerProvider(provider)) {
    throw new Error(
      'Telemetry runs already in this process: start it once, with `node --import @tandem/telemetry/register`.',
    );
  }
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(propagator);
  void sayWhereSpansGo(settings, environment, log);

  let stopped: Promise<void> | undefined;
  return {
    settings,
    log,
    flush: () => provider.forceFlush(),
    shutdown() {
      stopped ??= provider
        .shutdown()
        .catch((error: unknown) => log.error({ err: error }, 'Telemetry did not stop cleanly'));
      return stopped;
    },
  };
}

function createExport(settings: TelemetrySettings, log: Logger): SpanProcessor[] {
  const processors: SpanProcessor[] = [];
  if (settings.exporters.includes('console')) processors.push(new ConsoleSpanProcessor());
  if (!settings.exporters.includes('otlp')) return processors;
  const reporter = createFailureReporter({
    log: { warn: (message) => log.warn({}, message), info: (message) => log.info({}, message) },
    secrets: settings.honeycomb === undefined ? [] : [settings.honeycomb.apiKey],
  });
  for (const { url, headers, timeoutMs } of settings.destinations) {
    const exporter = new OTLPTraceExporter({ url, headers, timeoutMillis: timeoutMs });
    processors.push(
      new BatchSpanProcessor(reportingExporter(exporter, url, reporter), {
        maxQueueSize: settings.batch.maxQueueSize,
        maxExportBatchSize: settings.batch.maxExportBatchSize,
        scheduledDelayMillis: settings.batch.scheduleDelayMs,
        exportTimeoutMillis: settings.batch.exportTimeoutMs,
      }),
    );
  }
  return processors;
}

/** One line at start: where spans go, and what Honeycomb thinks of the key. */
async function sayWhereSpansGo(
  settings: TelemetrySettings,
  environment: Environment,
  log: Logger,
): Promise<void> {
  const check = await checkHoneycombKey(findKey(environment, undefined));
  const spansTo = settings.exporters.includes('otlp')
    ? settings.destinations.map(({ url }) => redactUrl(url))
    : [];
  const good = check.kind === 'no-key' || canSend(check);
  log[good ? 'info' : 'warn']({ spansTo }, describeKeyCheck(check));
}
