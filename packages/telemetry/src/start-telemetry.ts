import { join } from 'node:path';
import type { TextMapPropagator, TracerProvider } from '@opentelemetry/api';
import { context, ProxyTracerProvider, propagation, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import type { SpanProcessor } from '@opentelemetry/sdk-trace-base';
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { ClockedTracerProvider } from './clock/clocked-tracer-provider.ts';
import { StartAttributes } from './clock/start-attributes.ts';
import { TraceClock } from './clock/trace-clock.ts';
import { ConsoleSpanProcessor } from './console/console-span-processor.ts';
import type { Delivery, DeliveryOptions } from './delivery/index.ts';
import { createDelivery, createStockDelivery, renderMetrics } from './delivery/index.ts';
import type { FailureReporter } from './export/index.ts';
import { createFailureReporter } from './export/index.ts';
import type { AcceptedKey } from './honeycomb/index.ts';
import { instrumentHttpClient, leanHttpClient } from './http-client/index.ts';
import { setLogServiceName } from './log-mixin.ts';
import type { Logger } from './logger.ts';
import { createLogger, logDiagnostics } from './logger.ts';
import { renderDroppedBaggage } from './metrics/dropped-baggage.ts';
import { renderHoneycombInfo } from './metrics/honeycomb-info.ts';
import { keepLastFailures } from './metrics/last-failures.ts';
import { baggageAttributes, createPropagator } from './propagation/index.ts';
import { RandomIds } from './random-ids.ts';
import { createResource } from './resource.ts';
import { createSampler } from './sampling/index.ts';
import { sayEnd, sayStart, warnOfDoubleTracing } from './self/announce.ts';
import { noticeUnheard } from './self/unheard-propagators.ts';
import type { Environment, TelemetrySettings } from './settings/index.ts';
import { readSettings } from './settings/index.ts';
import { shapeReExports } from './shape-re-exports.ts';
import { keepAllocationsYoung } from './young-allocations.ts';

/** Baggage that becomes an attribute of every span of its trace. */
const BAGGAGE_ATTRIBUTES = ['user.id', 'tandem.scenario'];

/** What is not sent by then is kept on disk; below the 3 s that a dying process gives us. */
const SHUTDOWN_TIMEOUT_MS = 2_500;

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
  /** Sends what can be sent within 2.5 s, keeps the rest on disk, and stops. Never rejects. */
  shutdown(): Promise<void>;
  /** Writes the spans that are in memory only to disk before it returns; returns how many could not be kept. */
  spillSync(): number;
  /** Counters of the delivery and of baggage that was not carried, and whose key is used, in Prometheus' text format. */
  metrics(): string;
}

let running: Telemetry | undefined;

/** The telemetry that `startTelemetry` started in this process, until its shutdown. */
export function runningTelemetry(): Telemetry | undefined {
  return running;
}

/**
 * Starts tracing in this process: reads the settings, registers the global tracer provider, context manager and
 * propagators, and the exporters that the settings name. Once per process. Logs the settings in effect, and a warning
 * for each thing found that makes traces wrong (see `self/`).
 *
 * @throws SettingsError for a setting that the process cannot start with
 * @throws Error when telemetry runs already
 */
export function startTelemetry(options: StartOptions = {}): Telemetry {
  if (running !== undefined) {
    throw new Error(
      'Telemetry runs already in this process: start it once, with `node --import @tandem/telemetry/register`.',
    );
  }
  const environment = options.environment ?? process.env;
  const settings = readSettings(environment, options.directory ?? process.cwd());
  const propagator = createPropagator(settings.propagators);
  const sampler = createSampler(settings.sampler.name, settings.sampler.argument);
  setLogServiceName(settings.service.name);
  const log = options.log ?? createLogger(settings.serviceLogLevel);
  if (settings.disabled) {
    log.info({}, 'Tracing is off: OTEL_SDK_DISABLED=true');
    const nothing = async () => {};
    return { settings, log, flush: nothing, shutdown: nothing, spillSync: () => 0, metrics: () => '' };
  }
  let accepted: AcceptedKey | undefined;
  sayStart(settings, environment, log, (key) => {
    accepted = key;
  });
  logDiagnostics(log, settings.logLevel);

  const secrets = settings.destinations.flatMap(({ headers }) => Object.values(headers));
  const failures = keepLastFailures(createReporter(secrets, log), settings.destinations, secrets);
  const delivery = settings.exporters.includes('otlp')
    ? createOtlpDelivery(settings, failures.reporter, log)
    : undefined;
  const startAttributes = new StartAttributes(sampler);
  const provider = new NodeTracerProvider({
    resource: createResource(settings),
    sampler: startAttributes.sampler,
    idGenerator: new RandomIds(),
    spanLimits: settings.spanLimits,
    spanProcessors: [
      startAttributes.processor,
      baggageAttributes(BAGGAGE_ATTRIBUTES),
      ...(options.spanProcessors ?? []),
      ...(settings.exporters.includes('console') ? [new ConsoleSpanProcessor()] : []),
      ...(delivery === undefined ? [] : [delivery.processor]), // last: it takes spans as the others left them
    ],
  });
  const heard = noticeUnheard(propagator, settings.propagators, (message) => log.warn({}, message));
  registerGlobals(new ClockedTracerProvider(provider, new TraceClock(), startAttributes), heard, log);
  const httpClient = settings.leanHttpClient ? leanHttpClient() : instrumentHttpClient();
  const stopLooking = warnOfDoubleTracing(log);
  shapeReExports();
  const stopWaiting = settings.pretenuring ? () => {} : keepAllocationsYoung();

  const stop = async () => {
    stopLooking();
    stopWaiting();
    await delivery?.shutdown(SHUTDOWN_TIMEOUT_MS);
    await provider.shutdown();
    httpClient.disable();
    failures.reporter.finish();
    unregisterGlobals();
    running = undefined;
    if (delivery !== undefined) sayEnd(delivery.counters(), propagator.droppedBaggage, log);
  };
  let stopped: Promise<void> | undefined;
  running = {
    settings,
    log,
    flush: () => provider.forceFlush(),
    shutdown() {
      stopped ??= stop().catch((error: unknown) =>
        log.error({ err: error }, 'Telemetry did not stop cleanly'),
      );
      return stopped;
    },
    spillSync: () => delivery?.spillSync() ?? 0,
    metrics: () =>
      `${delivery === undefined ? '' : renderMetrics(delivery.counters())}${failures.render()}` +
      `${renderDroppedBaggage(propagator.droppedBaggage)}${renderHoneycombInfo(accepted)}`,
  };
  return running;
}

/** Whoever registered before us would get the spans of this process, and we none. */
function registerGlobals(provider: TracerProvider, propagator: TextMapPropagator, log: Logger): void {
  const registered = trace.getTracerProvider();
  if (!(registered instanceof ProxyTracerProvider) || registered.getDelegateTracer('') !== undefined) {
    log.warn(
      {},
      'Another tracer provider was registered before this telemetry, which takes its place: spans are made twice ' +
        'where both instrument. Start one of the two only.',
    );
    unregisterGlobals();
  }
  trace.setGlobalTracerProvider(provider);
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(propagator);
}

function unregisterGlobals(): void {
  trace.disable();
  context.disable();
  propagation.disable();
}

function createReporter(secrets: readonly string[], log: Logger): FailureReporter {
  return createFailureReporter({
    log: { warn: (message) => log.warn({}, message), info: (message) => log.info({}, message) },
    secrets,
  });
}

function createOtlpDelivery(settings: TelemetrySettings, reporter: FailureReporter, log: Logger): Delivery {
  const options: DeliveryOptions = {
    serviceName: settings.service.name,
    destinations: settings.destinations,
    batch: settings.batch,
    spool: { directory: join(settings.dataDirectory, 'spool') },
    reporter,
    log,
  };
  return settings.stockExporter ? createStockDelivery(options) : createDelivery(options);
}
