import { isAbsolute, join } from 'node:path';
import { baggageAttributes } from './context/baggage-attributes.ts';
import { Propagator } from './context/propagator.ts';
import { traceDrivers } from './driver-channels.ts';
import type { Pipeline } from './export/pipeline.ts';
import { createPipeline, exportSpans } from './export/pipeline.ts';
import type { SignalName } from './export/signal.ts';
import { LOG_RECORDS, SPANS } from './export/signal.ts';
import { traceEveryServer } from './fastify/every-server.ts';
import { leanHttpClient } from './http/lean-client.ts';
import { instrumentHttpClient } from './http/undici-client.ts';
import { logServiceName } from './log-mixin.ts';
import type { Logger } from './logger.ts';
import { createLogger, logDiagnostics } from './logger.ts';
import type { LogEntry } from './logs/log-record.ts';
import { startLogs } from './logs/pino-lines.ts';
import { apiVersionOf, describeOtherApi } from './opentelemetry/api-versions.ts';
import type { ReadableSpan, SpanProcessor } from './opentelemetry/sdk.ts';
import { ConsoleSpanExporter, SimpleSpanProcessor } from './opentelemetry/sdk.ts';
import { describeSettings } from './report/announce.ts';
import { createFailureReport } from './report/failure-report.ts';
import type { Parts, SignalExport } from './run-telemetry.ts';
import { run } from './run-telemetry.ts';
import type { EndingTelemetry, Telemetry } from './running-telemetry.ts';
import { running } from './running-telemetry.ts';
import { TraceClock } from './sdk/clock.ts';
import { registerGlobals, registerPropagation, unregisterGlobals } from './sdk/globals.ts';
import { OpenSpans } from './sdk/open-spans.ts';
import { createResource } from './sdk/resource.ts';
import { createSampler } from './sdk/sampler.ts';
import { ProcessTracerProvider } from './sdk/tracer-provider.ts';
import type { IsRedacted } from './secrets.ts';
import { attributeRedaction, redactionOf, secretsOf } from './secrets.ts';
import type { Environment, SettingsDefaults, TelemetrySettings } from './settings/index.ts';
import { readSettings } from './settings/index.ts';
import type { Deliverable, Encode } from './wire/batch.ts';
import { logRecordEncoder } from './wire/encode-log.ts';
import { encodeSpan } from './wire/encode-span.ts';

/** Options of the host. Settings in the environment win over defaults of the host. */
export interface StartOptions extends SettingsDefaults {
  /** Default: this process's environment. */
  readonly environment?: Environment;
  /** The logger for telemetry's own lines; default: JSON lines on stdout. */
  readonly log?: Logger;
  /** Further span processors, run before the export. */
  readonly spanProcessors?: readonly SpanProcessor[];
}

/**
 * Starts tracing in this process: reads the settings, registers the global tracer provider, context manager and
 * propagators, and the exporters that the settings name. Once per process. Logs the settings in effect. Beside a version
 * of the OpenTelemetry API that would see no spans, tracing is off, and one line says why.
 *
 * @example
 * ```ts
 * const telemetry = startTelemetry({ baggageAttributes: ['user.id'] });
 * process.once('SIGTERM', () => telemetry.shutdown());
 * ```
 * @throws Error when telemetry runs already
 */
export function startTelemetry(options: StartOptions = {}): Telemetry {
  return startEndingTelemetry(options);
}

/** Starts telemetry for the hooks of the process, which end spans and telemetry. */
export function startEndingTelemetry(options: StartOptions): EndingTelemetry {
  refuseSecondStart();
  const settings = readSettings(options.environment ?? process.env, options);
  const log = options.log ?? createLogger(settings.serviceLogLevel);
  const warn = (message: string) => log.warn({}, message);
  const destinations = [...settings.destinations, ...settings.logs.destinations];
  const secrets = destinations.flatMap(({ url, headers }) => secretsOf(url, headers));
  const propagator = new Propagator(settings.propagators);
  logServiceName.value = settings.service.name;
  for (const warning of settings.warnings) warn(warning);
  logDiagnostics(log, settings.logLevel, secrets);
  if (settings.disabled) {
    log.info({}, 'Tracing is off: OTEL_SDK_DISABLED=true. The context of callers is passed on.');
    registerPropagation(propagator);
    // Without a tracer provider, the client sends the context of the caller as it came.
    return run({ settings, log, undo: [leanHttpClient(), unregisterGlobals] });
  }
  const otherApi = describeOtherApi(apiVersionOf(fileOfService()));
  if (otherApi !== undefined) {
    log.error({}, `Tracing is off: ${otherApi}`);
    return run({ settings, log, undo: [] });
  }

  const resource = createResource(settings);
  const clock = new TraceClock();
  const sampler = createSampler(settings.sampler.name, settings.sampler.argument);

  const common = { settings, log, secrets };
  const spans = exportOf<ReadableSpan>(SPANS, encodeSpan, settings, common);
  const isRedacted =
    settings.redactAttributes.length === 0 ? undefined : redactionOf(settings.redactAttributes);
  const encodeLog = logRecordEncoder(settings.logs.limits, isRedacted);
  const logs = exportOf<LogEntry>(LOG_RECORDS, encodeLog, settings.logs, common);
  const stopLogs = logs && startLogs({ resource, clock, add: logs.delivery.add });
  const start = describeSettings(settings);
  log.info(start.fields, start.message);

  const openSpans = new OpenSpans();
  const spanProcessors = [
    openSpans,
    ...processorsOf(settings, isRedacted, options.spanProcessors),
    // Last: the export takes spans as the other processors left them.
    ...(spans ? [exportSpans(spans.delivery, settings.batch.exportTimeoutMs)] : []),
  ];
  const { spanLimits } = settings;
  const provider = new ProcessTracerProvider({ resource, clock, sampler, spanLimits, spanProcessors });
  registerGlobals(provider, propagator);

  const stopClient = settings.leanHttpClient ? leanHttpClient() : instrumentHttpClient();
  const undo = [stopClient, traceEveryServer(), traceDrivers(), unregisterGlobals];
  const exports = [spans ?? [], logs ?? []].flat();
  return run({ settings, log, provider, openSpans, exports, stopLogs, undo });
}

function refuseSecondStart(): void {
  if (running.value === undefined) return;
  throw new Error(
    'Telemetry runs already in this process: start it once, with `node --import @tandem/telemetry/register`.',
  );
}

/** A file of the service: modules are resolved from it as for the service's own code. */
function fileOfService(): string {
  const [, main = 'main.js'] = process.argv;
  return isAbsolute(main) ? main : join(process.cwd(), 'main.js');
}

/** The export of a signal; undefined unless OTLP is asked for. */
function exportOf<Item extends Deliverable>(
  signal: SignalName,
  encode: Encode<Item>,
  { exporters, destinations, batch }: Pick<TelemetrySettings, 'exporters' | 'destinations' | 'batch'>,
  { settings, log, secrets }: Pick<Parts, 'settings' | 'log'> & { readonly secrets: readonly string[] },
): (SignalExport & { readonly delivery: Pipeline<Item> }) | undefined {
  if (!exporters.includes('otlp')) return undefined;
  const delivery = createPipeline(signal, encode, {
    serviceName: settings.service.name,
    destinations,
    batch,
    spool: { directory: join(settings.dataDirectory, 'spool') },
    reporter: createFailureReport({ signal, log, secrets }),
    log,
  });
  return { name: signal.name, delivery };
}

function processorsOf(
  { baggageAttributes: keys, exporters }: TelemetrySettings,
  isRedacted: IsRedacted | undefined,
  ofHost: readonly SpanProcessor[] = [],
): SpanProcessor[] {
  const redaction = isRedacted ? [attributeRedaction(isRedacted)] : [];
  return [
    ...redaction, // before processors of the host's that export themselves
    ...(keys.length === 0 ? [] : [baggageAttributes(keys)]),
    ...ofHost,
    ...redaction, // and after those that add attributes to ended spans
    ...(exporters.includes('console')
      ? [new SimpleSpanProcessor({ exporter: new ConsoleSpanExporter() })]
      : []),
  ];
}
