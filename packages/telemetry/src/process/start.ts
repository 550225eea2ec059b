import { channel } from 'node:diagnostics_channel';
import { isDeepStrictEqual } from 'node:util';
import type { SpanProcessor } from '@opentelemetry/sdk-trace-base';
import { ConsoleSpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { describeOldNode, otherApiOf, registeredApi } from '../beside/api-versions.ts';
import { propagatorOf } from '../chosen/propagators/propagator.ts';
import { features } from '../features.ts';
import type { Instrumentation, InstrumentationParts } from '../instrumentation.ts';
import { startInstrumentation } from '../instrumentation.ts';
import type { DurableExport } from '../road/delivery/durable-export.ts';
import { createDurableExport } from '../road/delivery/durable-export.ts';
import type { Logger } from '../road/delivery/logger.ts';
import type { Signal } from '../road/delivery/signal.ts';
import { LOG_RECORDS, spansBy } from '../road/delivery/signal.ts';
import { logServiceName } from '../road/logs/log-mixin.ts';
import { startLogs, stopLogs } from '../road/logs/start-logs.ts';
import { traceClock } from '../road/spans/clock.ts';
import type { Engine } from '../road/spans/engine.ts';
import { registerGlobals, unregisterGlobals } from '../road/spans/globals.ts';
import { openSpans } from '../road/spans/open-spans.ts';
import { sdkEngine } from '../road/spans/provider.ts';
import { attributeRedaction } from '../road/spans/redaction.ts';
import { createResource } from '../road/spans/resource.ts';
import { processorOf } from '../road/spans/span-steps.ts';
import { processContext, readProcessContext } from './context.ts';
import { ifThere, load, missingParts } from './load.ts';
import { describeSettings } from './report/announce.ts';
import { logDiagnostics } from './report/diagnostics.ts';
import { watchLateVariables } from './report/late-variables.ts';
import { createLogger } from './report/own-logger.ts';
import { run } from './run.ts';
import type { Telemetry } from './running.ts';
import { running } from './running.ts';
import { secretsOf } from './secrets/secrets.ts';
import type { TelemetrySettings } from './settings/index.ts';

/** Why a process is not traced at all: the explorer's `run` says so. */
const UNTRACED = '@tandem/telemetry:untraced';

/** The parts of a process's telemetry. */
export interface StartOptions {
  /** From `readSettings`. */
  readonly settings: TelemetrySettings;
  /** Everything that makes spans and log records, in the order of their start. */
  readonly instrumentations: readonly Instrumentation[];
  /** Makes and encodes spans; default: the official packages, or the lean engine where TRACE_LEAN asks for it. */
  readonly engine?: Engine | undefined;
  /** Further span processors, which run before the export. */
  readonly spanProcessors?: readonly SpanProcessor[];
  /** The logger for telemetry's own lines; default: JSON lines on stderr. */
  readonly log?: Logger | undefined;
  /** Whether the process sends its last spans at its `exit`, or leaves them in its spool for others; default true. */
  readonly sendsLast?: boolean | undefined;
}

/**
 * Starts telemetry in a process: registers the global tracer provider, context manager and propagators, starts the exporters
 * of the settings, and then the instrumentations. Logs the settings in effect. Where the service and this package
 * have versions of the OpenTelemetry API that do not share spans, and on a Node older than 22.15, tracing is off, and one line says why. A
 * process at its end sends its last spans.
 *
 * @example
 * ```ts
 * const settings = readSettings(process.env);
 * export const telemetry = startTelemetry({ settings, instrumentations: [fastify(), undici(), pino()] });
 * ```
 * @returns the running telemetry where telemetry runs already, as under the explorer's `run`; a warning names lost options
 */
export function startTelemetry(options: StartOptions): Telemetry {
  if (running.value !== undefined) return leaveToRunning(running.value, options);
  const { settings, instrumentations } = options;
  const lean = settings.lean
    ? ifThere(() => load<typeof import('../chosen/lean/index.ts')>('lean').leanEngine)
    : undefined;
  const engine = options.engine ?? lean ?? sdkEngine;
  const log = options.log ?? createLogger(settings.serviceLogLevel);
  const secrets = [...settings.destinations, ...settings.logs.destinations].flatMap(secretsOf);
  const propagator = propagatorOf(settings.propagators);
  logServiceName.value = settings.service.name;
  for (const warning of settings.warnings) log.warn({}, warning);
  const ownApi = logDiagnostics(log, settings.logLevel, secrets) ? registeredApi() : undefined;
  const above = readProcessContext(process.env, propagator);
  processContext.value = above.context;
  if (above.warning) log.warn({}, above.warning);
  const startAll = (parts: Pick<InstrumentationParts, 'provider' | 'loggerProvider'>) =>
    [...instrumentations, ...features.flatMap(({ instrument }) => instrument ?? [])].flatMap(
      (each) => ifThere(() => startInstrumentation(each, { ...parts, settings, log })) ?? [],
    );
  const untraced = describeOldNode() ?? (settings.disabled ? undefined : otherApiOf(undefined, ownApi));
  if (untraced !== undefined) {
    channel(UNTRACED).publish({ reason: untraced });
    log.error({}, `Tracing is off: ${untraced}`);
    return run({ settings, log });
  }
  if (settings.disabled) {
    log.info({}, 'Tracing is off: OTEL_SDK_DISABLED=true. The context of callers goes on.');
    registerGlobals(propagator);
    const stops = startAll({ provider: undefined, loggerProvider: undefined });
    return run({ settings, log, stops, undo: [unregisterGlobals] });
  }

  const { fields, message } = describeSettings(settings);
  log.info(fields, message);
  const resource = createResource(settings);
  traceClock.anchor(); // takes a millisecond, which no request should wait
  const { redactAttributes } = settings;
  const redaction = redactAttributes.length === 0 ? [] : [attributeRedaction(redactAttributes)];

  const spans = exportOf(spansBy(engine), settings, log, secrets);
  const hosts = options.spanProcessors ?? [];
  const processor = processorOf([
    openSpans,
    ...features.flatMap((each) => ifThere(() => each.step?.(settings)) ?? []),
    // Redacted twice: a processor of the host may export a span, or add attributes to the ended span.
    ...(hosts.length > 0 ? [...redaction, ...hosts] : []),
    ...redaction,
    ...(settings.exporters.includes('console') ? [new SimpleSpanProcessor(new ConsoleSpanExporter())] : []),
    ...(spans ? [spans.processor] : []),
  ]);
  const { consistentSampler: asked } = settings;
  const sampler =
    asked &&
    ifThere(() => load<typeof import('../chosen/sampler/index.ts')>('sampling').consistentSampler(asked));
  const provider = engine.createProvider({
    resource,
    spanProcessors: [processor],
    ...(sampler && { sampler }),
  });
  registerGlobals(propagator, provider);

  const logs = exportOf(LOG_RECORDS, settings, log, secrets);
  const loggerProvider = logs && startLogs(resource, [...redaction, logs.processor]);
  const listening = features.flatMap((each) => each.listen?.(settings) ?? []);
  const started = startAll({ provider, loggerProvider });
  if (missingParts.size > 0) log.warn({}, describeMissing());
  const stops = [...started, ...listening, ...(loggerProvider ? [stopLogs] : [])];
  const undo = [unregisterGlobals, watchLateVariables(log)];
  return run({ settings, log, provider, spans, logs, sendsLast: options.sendsLast, stops, undo });
}

/** What a bundle lacks, and what to do. */
function describeMissing(): string {
  return `Telemetry is in a bundle, without ${[...missingParts].join(', ')}, which it goes on without: install @tandem/telemetry beside the bundle, or leave it out of the bundle.`;
}

function leaveToRunning(
  telemetry: Telemetry,
  { settings, spanProcessors = [], log }: StartOptions,
): Telemetry {
  const isLost = (name: string) =>
    !isDeepStrictEqual(Reflect.get(settings, name), Reflect.get(telemetry.settings, name));
  const lost = [
    ...Object.keys(settings).filter(isLost),
    ...(spanProcessors.length > 0 ? ['spanProcessors'] : []),
    ...(log === undefined ? [] : ['log']),
  ];
  if (lost.length > 0)
    telemetry.log.warn(
      {},
      `Telemetry runs already in this process, so another start changes nothing, with its options: ${lost.join(', ')}. Start telemetry once.`,
    );
  return telemetry;
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
