import type { TracerProvider } from '@opentelemetry/api';
import type { SpanProcessor } from '@opentelemetry/sdk-trace-base';
import { ConsoleSpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import type { DurableExport, Logger, Signal } from '@tandem/durable-export';
import { createDurableExport, LOG_RECORDS, spansBy } from '@tandem/durable-export';
import { secretsOf } from '@tandem/durable-export/secrets';
import { baggageAttributes } from './context/baggage-attributes.ts';
import { contextOf, processContext } from './context/process-context.ts';
import { propagatorOf } from './context/propagator.ts';
import { exceptionRecords } from './logs/exception-records.ts';
import { startLogs } from './logs/start-logs.ts';
import { apiVersionOf, describeOtherApi, fileOfService } from './process/api-versions.ts';
import { loadFor } from './process/optional-package.ts';
import { describeSettings } from './report/announce.ts';
import { logDiagnostics } from './report/diagnostics.ts';
import { logServiceName } from './report/log-mixin.ts';
import { createLogger } from './report/own-logger.ts';
import type { Telemetry } from './running.ts';
import { run } from './running.ts';
import { traceEveryServer } from './server/every-server.ts';
import type { SettingsDefaults, TelemetrySettings } from './settings/index.ts';
import { readSettings } from './settings/index.ts';
import { traceClock } from './spans/clock.ts';
import { sdkEngine } from './spans/clocked-provider.ts';
import type { Engine } from './spans/engine.ts';
import { registerGlobals, unregisterGlobals } from './spans/globals.ts';
import { attributeRedaction } from './spans/redaction.ts';
import { createResource } from './spans/resource.ts';
import { samplerOf } from './spans/sampler.ts';

/**
 * Makes the spans of a library, or of Node.
 *
 * @param parts `provider` is undefined with OTEL_SDK_DISABLED: contexts travel, and there are no spans
 * @returns how to stop
 */
export type Instrumentation = (parts: {
  readonly provider: TracerProvider | undefined;
  readonly log: Logger;
}) => () => void;

/** The engine, and the spans of `fetch` and undici, of TRACE_LEAN=true, in place of the official packages. */
export interface Lean {
  readonly engine: Engine;
  readonly fetch: Instrumentation;
}

/** Options of the host. Settings in the environment win over defaults of the host. */
export interface StartOptions extends SettingsDefaults {
  /** The logger for telemetry's own lines; default: JSON lines on stdout. */
  readonly log?: Logger;
  /** Makers of further spans than those of Fastify's servers; default of `registerTelemetry`: `fetch` and undici. */
  readonly instrumentations?: readonly Instrumentation[];
  /** Further span processors, which run before the export. */
  readonly spanProcessors?: readonly SpanProcessor[];
}

/** Options of a module that chooses the packages of a process. */
export interface RegisterOptions extends StartOptions {
  /** Loads the parts of TRACE_LEAN=true. Without this option, TRACE_LEAN=true is a warning. */
  readonly lean?: () => Lean;
  /** Makes the CLIENT spans of `fetch` and undici, where the host names no instrumentations. */
  readonly fetch?: Instrumentation;
}

/**
 * Starts tracing in a process without running telemetry: reads the settings, registers the global tracer provider, context
 * manager and propagators, and starts the exporters of the settings. Logs the settings in effect. When the service's version
 * of the OpenTelemetry API would see no spans, tracing is off, and one line says why. A process at its end sends its last
 * spans.
 */
export function startTelemetry(options: RegisterOptions): Telemetry {
  const settings = readSettings(process.env, options);
  const log = options.log ?? createLogger(settings.serviceLogLevel);
  const secrets = [
    ...[...settings.destinations, ...settings.logs.destinations].flatMap(secretsOf),
    ...settings.refusedSecrets,
  ];
  const lean = settings.lean ? options.lean?.() : undefined;
  const { engine = sdkEngine, fetch = options.fetch } = lean ?? {};
  const instrumentations = options.instrumentations ?? (fetch ? [fetch] : []);
  const propagator = propagatorOf(settings.propagators);
  logServiceName.value = settings.service.name;
  for (const warning of settings.warnings) log.warn({}, warning);
  if (settings.lean && lean === undefined)
    log.warn(
      {},
      'TRACE_LEAN needs the lean engine, which this process has not. The official packages make the spans.',
    );
  logDiagnostics(log, settings.logLevel, secrets);
  const started = contextOf(process.env, propagator);
  processContext.value = started.context;
  if (started.warning) log.warn({}, started.warning);
  const otherApi = settings.disabled ? undefined : describeOtherApi(apiVersionOf(fileOfService()));
  if (otherApi !== undefined) {
    log.error({}, `Tracing is off: ${otherApi}`);
    return run({ settings, log });
  }
  if (settings.disabled) {
    log.info({}, 'Tracing is off: OTEL_SDK_DISABLED=true. The context of callers is passed on.');
    registerGlobals(propagator);
    const stops = instrumentations.map((start) => start({ provider: undefined, log }));
    return run({ settings, log, undo: [...stops, unregisterGlobals] });
  }

  const { fields, message } = describeSettings(settings);
  log.info(fields, message);
  const resource = createResource(settings);
  traceClock.anchor(); // takes a millisecond, which no request should wait
  const { redactAttributes } = settings;
  const redaction = redactAttributes.length === 0 ? [] : [attributeRedaction(redactAttributes)];

  const spans = exportOf(spansBy(engine.serializer), settings, log, secrets);
  const hosts = options.spanProcessors ?? [];
  const spanProcessors = [
    ...(settings.baggageAttributes.length > 0 ? [baggageAttributes(settings.baggageAttributes)] : []),
    ...(settings.logs.exceptions ? [exceptionRecords(settings.logs.exceptions)] : []),
    // Redacted twice: a processor of the host may export a span, or add attributes to the ended span.
    ...(hosts.length > 0 ? [...redaction, ...hosts] : []),
    ...redaction,
    ...(settings.exporters.includes('console') ? [new SimpleSpanProcessor(new ConsoleSpanExporter())] : []),
    ...(spans ? [spans.processor] : []),
  ];
  const sampler = samplerOf(settings);
  const provider = engine.createProvider({ resource, spanProcessors, ...(sampler && { sampler }) });
  registerGlobals(propagator, provider);

  const logs = exportOf(LOG_RECORDS, settings, log, secrets);
  const stopLogs = logs && startLogs(resource, [...redaction, logs.processor]);

  const stops = instrumentations.map((start) => start({ provider, log }));
  const undo = [...stops, traceEveryServer(engine.prepareServer), unregisterGlobals];
  if (settings.fastifyLifecycle) traceLifecycle(log);
  return run({ settings, log, provider, spans, logs, stopLogs, undo });
}

/** The export of a signal; undefined unless OTLP is asked for. */
function exportOf(
  signal: Signal,
  settings: TelemetrySettings,
  log: Logger,
  secrets: readonly string[],
): DurableExport | undefined {
  const { exporters, destinations, batch } = signal.name === 'logs' ? settings.logs : settings;
  if (!exporters.some((name) => name === 'otlp')) return undefined;
  const { service, dataDirectory } = settings;
  return createDurableExport({
    signal,
    serviceName: service.name,
    destinations,
    dataDirectory,
    batch,
    log,
    secrets,
  });
}

/** The used part of the entry `./fastify-lifecycle`. */
interface FastifyLifecycle {
  traceFastifyLifecycle(): void;
}

function traceLifecycle(log: Logger): void {
  const entry = '@tandem/telemetry/fastify-lifecycle';
  try {
    loadFor<FastifyLifecycle>('TRACE_FASTIFY_LIFECYCLE', entry).traceFastifyLifecycle();
  } catch (error) {
    log.warn({}, error instanceof Error ? error.message : String(error));
  }
}
