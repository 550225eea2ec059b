import { isAbsolute, join } from 'node:path';
import { ConsoleSpanProcessor } from './console/console-span-processor.ts';
import { baggageAttributes } from './context/baggage-attributes.ts';
import { Propagator } from './context/propagator.ts';
import type { DeliveryCounters } from './counters.ts';
import type { Pipeline } from './export/pipeline.ts';
import { createPipeline, exportSpans } from './export/pipeline.ts';
import type { SignalName } from './export/signal.ts';
import { LOG_RECORDS, SPANS } from './export/signal.ts';
import type { FailureReporter } from './failures/failure-reporter.ts';
import { arrivals } from './fastify/server-span.ts';
import { acceptedHoneycombKey } from './honeycomb/accepted-key.ts';
import { leanHttpClient, passContextWithRequests } from './http/lean-client.ts';
import { instrumentHttpClient } from './http/undici-client.ts';
import { setLogServiceName } from './log-mixin.ts';
import type { Logger } from './logger.ts';
import { createLogger, logDiagnostics } from './logger.ts';
import {
  ApiVersionError,
  apiCopyOf,
  refuseOlderApi,
  refuseOtherRegistration,
} from './opentelemetry/api-versions.ts';
import type { ReadableSpan, SpanProcessor } from './opentelemetry/sdk.ts';
import type { Advice } from './report/advice.ts';
import { sayEnd, sayReplaced, sayStart, warnOfDoubleTracing } from './report/announce.ts';
import { createFailureReporter } from './report/failure-report.ts';
import { renderArrivals } from './report/metrics/arrival-metrics.ts';
import { renderDeliveryMetrics } from './report/metrics/delivery-metrics.ts';
import { renderDroppedBaggage } from './report/metrics/dropped-baggage.ts';
import { renderHoneycombInfo } from './report/metrics/honeycomb-info.ts';
import type { LastFailures, ReportedDestination } from './report/metrics/last-failures.ts';
import { keepLastFailures } from './report/metrics/last-failures.ts';
import { noticeUnheard } from './report/unheard-propagators.ts';
import { noticeUnsampled } from './report/unsampled-arrivals.ts';
import { noticeUntracedServer } from './report/untraced-server.ts';
import type { EndingTelemetry, Telemetry } from './running-telemetry.ts';
import { runningTelemetry, setRunningTelemetry } from './running-telemetry.ts';
import { TraceClock } from './sdk/clock.ts';
import { registerGlobals, registerPropagation, unregisterGlobals } from './sdk/globals.ts';
import { OpenSpans } from './sdk/open-spans.ts';
import { setExceptionSignal } from './sdk/record-failure.ts';
import { RedactAttributes, redactionOf } from './sdk/redact-attributes.ts';
import { createResource } from './sdk/resource.ts';
import { createSampler } from './sdk/sampler.ts';
import { ProcessTracerProvider } from './sdk/tracer-provider.ts';
import { secretsOf } from './secrets.ts';
import type { Destination, Environment, SettingsDefaults, TelemetrySettings } from './settings/index.ts';
import { readSettings } from './settings/index.ts';
import type { RunningLogs } from './start-logs.ts';
import { startLogs } from './start-logs.ts';
import { shapeReExports } from './v8/shape-re-exports.ts';
import { encodeSpan } from './wire/encode-span.ts';

/** What is not sent by then is kept on disk; below the 3 s that a dying process gives us. */
const SHUTDOWN_TIMEOUT_MS = 2_500;

/** What the host of telemetry decides; settings in the environment win over the defaults among these. */
export interface StartOptions extends SettingsDefaults {
  /** Default: this process's environment. */
  readonly environment?: Environment;
  /** Where telemetry says what it does and what is wrong; default: JSON lines on stdout. */
  readonly log?: Logger;
  /** Further span processors, run before the export. */
  readonly spanProcessors?: readonly SpanProcessor[];
  /** Commands that warnings may name. */
  readonly advice?: Advice;
}

/**
 * Starts tracing in this process: reads the settings, registers the global tracer provider, context manager and
 * propagators, and the exporters that the settings name. Once per process. Logs the settings in effect, and a warning
 * for each thing found that makes traces wrong (see `report/`).
 *
 * @example
 * ```ts
 * const telemetry = startTelemetry({ baggageAttributes: ['user.id'] });
 * process.once('SIGTERM', () => telemetry.shutdown());
 * ```
 * @throws ApiVersionError for copies of the OpenTelemetry API that do not see each other
 * @throws Error when telemetry runs already
 */
export function startTelemetry(options: StartOptions = {}): Telemetry {
  return startEndingTelemetry(options);
}

/**
 * The same, for the hooks of the process.
 *
 * @param isOffBesideOtherApi logs an ApiVersionError, and makes no spans, instead of throwing it
 */
export function startEndingTelemetry(
  options: StartOptions,
  { isOffBesideOtherApi = false } = {},
): EndingTelemetry {
  refuseSecondStart();
  const settings = readSettings(options.environment ?? process.env, options);
  const propagator = new Propagator(settings.propagators);
  const sampler = createSampler(settings.sampler.name, settings.sampler.argument);
  const log = options.log ?? createLogger(settings.serviceLogLevel);
  setLogServiceName(settings.service.name);
  for (const warning of settings.warnings) log.warn({}, warning);
  logDiagnostics(log, settings.logLevel, secretsOfAll(settings));
  if (settings.disabled) return passContextOnly(settings, propagator, log);
  try {
    refuseOtherRegistration();
    refuseOlderApi(apiCopyOf(serviceModule()));
  } catch (error) {
    if (!isOffBesideOtherApi || !(error instanceof ApiVersionError)) throw error;
    log.error({}, `Tracing is off: ${error.message}`);
    return runWithoutSpans(settings, propagator, log, () => {});
  }

  const failures = keepLastFailures(destinationsOf(settings));
  const reporterOf = (signal: SignalName) => failures.heardBy(reporterFor(signal, settings, options, log));
  const resource = createResource(settings);
  const clock = new TraceClock();
  setExceptionSignal(settings.exceptionSignal);
  const logs = startLogs(settings, { resource, clock, reporter: reporterOf(LOG_RECORDS), log });
  sayStart(settings, log);
  const delivery = settings.exporters.includes('otlp')
    ? startDelivery(settings, reporterOf(SPANS), log)
    : undefined;
  const openSpans = new OpenSpans();
  const provider = new ProcessTracerProvider({
    resource,
    clock,
    sampler,
    spanLimits: settings.spanLimits,
    spanProcessors: [openSpans, ...processorsOf(settings, options.spanProcessors, delivery)],
  });
  noticeUnheard(propagator, settings.propagators, (message) => log.warn({}, message));
  noticeUnsampled((message) => log.warn({}, message));
  if (registerGlobals(provider, propagator)) sayReplaced(log);
  const untracedServer = noticeUntracedServer((message) => log.warn({}, message));
  const undo = [traceHttpClient(settings), warnOfDoubleTracing(log), untracedServer];
  shapeReExports();
  return run({ settings, log, propagator, provider, openSpans, delivery, logs, failures, undo });
}

function refuseSecondStart(): void {
  if (runningTelemetry() === undefined) return;
  throw new Error(
    'Telemetry runs already in this process: start it once, with `node --import @tandem/telemetry/register`.',
  );
}

/** A file of the service, whose modules are resolved as its own code's are. */
function serviceModule(): string {
  const [, main] = process.argv;
  return main !== undefined && isAbsolute(main) ? main : join(process.cwd(), 'main.js');
}

/**
 * OTEL_SDK_DISABLED: no spans, which "has no effect on propagators" (OpenTelemetry specification, environment
 * variables). The API's own tracer takes the span of the caller for every span that would be made here.
 */
function passContextOnly(settings: TelemetrySettings, propagator: Propagator, log: Logger): EndingTelemetry {
  log.info({}, 'Tracing is off: OTEL_SDK_DISABLED=true. The context of callers is passed on.');
  noticeUnheard(propagator, settings.propagators, (message) => log.warn({}, message));
  registerPropagation(propagator);
  const client = passContextWithRequests();
  return runWithoutSpans(settings, propagator, log, () => {
    client.disable();
    unregisterGlobals();
  });
}

function runWithoutSpans(
  settings: TelemetrySettings,
  propagator: Propagator,
  log: Logger,
  stop: () => void,
): EndingTelemetry {
  const telemetry: EndingTelemetry = {
    settings,
    log,
    flush: async () => {},
    async shutdown() {
      if (runningTelemetry() !== telemetry) return;
      stop();
      setRunningTelemetry(undefined);
    },
    openSpans: new OpenSpans(),
    spillSync: () => 0,
    counters: () => ({
      spans: { destinations: [] },
      logs: { destinations: [] },
      lastFailures: [],
      droppedBaggage: { ...propagator.droppedBaggage },
      arrivals: { ...arrivals() },
    }),
    endSync() {},
    metrics: () => '',
  };
  setRunningTelemetry(telemetry);
  return telemetry;
}

function reporterFor(
  signal: SignalName,
  settings: TelemetrySettings,
  { advice = {} }: StartOptions,
  log: Logger,
): FailureReporter {
  return createFailureReporter({
    signal,
    log: { warn: (message) => log.warn({}, message), info: (message) => log.info({}, message) },
    secrets: secretsOfAll(settings),
    advice,
  });
}

function destinationsOf({ destinations, logs }: TelemetrySettings): (Destination & ReportedDestination)[] {
  return [
    ...destinations.map((each) => ({ ...each, signal: 'traces' as const })),
    ...logs.destinations.map((each) => ({ ...each, signal: 'logs' as const })),
  ];
}

function secretsOfAll(settings: TelemetrySettings): string[] {
  const { honeycombKey } = settings;
  const ofDestinations = destinationsOf(settings).flatMap(({ url, headers }) => secretsOf(url, headers));
  return [...ofDestinations, ...secretsOf('', { key: honeycombKey.apiKey ?? '' })];
}

function startDelivery(
  settings: TelemetrySettings,
  reporter: FailureReporter,
  log: Logger,
): Pipeline<ReadableSpan> {
  return createPipeline(SPANS, encodeSpan, {
    serviceName: settings.service.name,
    destinations: settings.destinations,
    batch: settings.batch,
    spool: { directory: join(settings.dataDirectory, 'spool') },
    reporter,
    log,
  });
}

function processorsOf(
  { baggageAttributes: keys, redactAttributes, exporters, batch }: TelemetrySettings,
  further: readonly SpanProcessor[] = [],
  delivery: Pipeline<ReadableSpan> | undefined,
): SpanProcessor[] {
  const redaction =
    redactAttributes.length === 0 ? [] : [new RedactAttributes(redactionOf(redactAttributes))];
  return [
    ...redaction, // before processors of the host's that export themselves
    ...(keys.length === 0 ? [] : [baggageAttributes(keys)]),
    ...further,
    ...redaction, // and after those that add attributes to ended spans
    ...(exporters.includes('console') ? [new ConsoleSpanProcessor()] : []),
    ...(delivery === undefined ? [] : [exportSpans(delivery, batch.exportTimeoutMs)]), // last: it takes spans as the others left them
  ];
}

/** Makes spans of outgoing requests; returns how to stop that. */
function traceHttpClient(settings: TelemetrySettings): () => void {
  const client = settings.leanHttpClient ? leanHttpClient() : instrumentHttpClient();
  return () => client.disable();
}

/** What was started, and is stopped together. */
interface Parts {
  readonly settings: TelemetrySettings;
  readonly log: Logger;
  readonly propagator: Propagator;
  readonly provider: ProcessTracerProvider;
  readonly openSpans: OpenSpans;
  readonly delivery: Pipeline<ReadableSpan> | undefined;
  readonly logs: RunningLogs | undefined;
  readonly failures: LastFailures;
  readonly undo: readonly (() => void)[];
}

function run(parts: Parts): EndingTelemetry {
  const { settings, log, propagator, provider, openSpans, delivery, logs, failures } = parts;
  let stopped: Promise<void> | undefined;
  const telemetry: EndingTelemetry = {
    settings,
    log,
    openSpans,
    async flush() {
      await Promise.all([provider.forceFlush(), logs?.delivery?.flush()]);
    },
    shutdown() {
      stopped ??= stop(parts).catch((error: unknown) =>
        log.error({ err: error }, 'Telemetry did not stop cleanly'),
      );
      return stopped;
    },
    spillSync: () => (delivery?.spillSync() ?? 0) + (logs?.delivery?.spillSync() ?? 0),
    endSync() {
      logs?.stop();
      openSpans.endAll();
      telemetry.spillSync();
      sayWhatBecame(parts);
    },
    counters: () => ({
      spans: { destinations: delivery?.counters() ?? [] },
      logs: countersOf(logs),
      lastFailures: failures.list(),
      droppedBaggage: { ...propagator.droppedBaggage },
      arrivals: { ...arrivals() },
    }),
    metrics: () =>
      [
        delivery === undefined ? '' : renderDeliveryMetrics('traces', { destinations: delivery.counters() }),
        logs?.delivery === undefined ? '' : renderDeliveryMetrics('logs', countersOf(logs)),
        failures.render(),
        renderDroppedBaggage(propagator.droppedBaggage),
        renderArrivals(arrivals()),
        renderHoneycombInfo(acceptedHoneycombKey()),
      ].join(''),
  };
  setRunningTelemetry(telemetry);
  return telemetry;
}

async function stop(parts: Parts): Promise<void> {
  const { delivery, logs, provider, openSpans, undo } = parts;
  openSpans.endAll();
  logs?.stop();
  await Promise.all([delivery?.shutdown(SHUTDOWN_TIMEOUT_MS), logs?.delivery?.shutdown(SHUTDOWN_TIMEOUT_MS)]);
  await provider.shutdown();
  for (const takeBack of undo) takeBack();
  unregisterGlobals();
  setRunningTelemetry(undefined);
  sayWhatBecame(parts);
}

function sayWhatBecame({ delivery, logs, propagator, log }: Parts): void {
  const spans = { destinations: delivery?.counters() ?? [] };
  sayEnd({ spans, logs: countersOf(logs) }, propagator.droppedBaggage, log);
}

function countersOf(logs: RunningLogs | undefined): DeliveryCounters {
  return { destinations: logs?.delivery?.counters() ?? [] };
}
