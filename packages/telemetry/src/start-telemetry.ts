import { join } from 'node:path';
import { context, propagation, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import type { SpanProcessor } from '@opentelemetry/sdk-trace-base';
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { ClockedTracerProvider } from './clock/clocked-tracer-provider.ts';
import { ConsoleSpanProcessor } from './console/console-span-processor.ts';
import type { Delivery } from './delivery/index.ts';
import { createDelivery } from './delivery/index.ts';
import type { FailureReporter } from './export/index.ts';
import { createFailureReporter, redactUrl } from './export/index.ts';
import { canSend, checkHoneycombKey, describeKeyCheck, findKey } from './honeycomb/index.ts';
import { instrumentHttpClient } from './http-client/index.ts';
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
    return { settings, log, flush: async () => {}, shutdown: async () => {}, spillSync: () => 0 };
  }
  logDiagnostics(log, settings.logLevel);

  const reporter = createReporter(settings, log);
  const delivery = settings.exporters.includes('otlp')
    ? createOtlpDelivery(settings, reporter, log)
    : undefined;
  const provider = new NodeTracerProvider({
    resource: createResource(settings),
    sampler,
    spanLimits: settings.spanLimits,
    spanProcessors: [
      baggageAttributes(BAGGAGE_ATTRIBUTES),
      ...(options.spanProcessors ?? []),
      ...(settings.exporters.includes('console') ? [new ConsoleSpanProcessor()] : []),
      ...(delivery === undefined ? [] : [delivery.processor]), // last: a span is encoded as it ends
    ],
  });
  if (!trace.setGlobalTracerProvider(new ClockedTracerProvider(provider))) {
    throw new Error(
      'Telemetry runs already in this process: start it once, with `node --import @tandem/telemetry/register`.',
    );
  }
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(propagator);
  const httpClient = instrumentHttpClient();
  void sayWhereSpansGo(settings, environment, log);

  const stop = async () => {
    await delivery?.shutdown(SHUTDOWN_TIMEOUT_MS);
    await provider.shutdown();
    httpClient.disable();
    reporter.finish();
  };
  let stopped: Promise<void> | undefined;
  return {
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
  };
}

function createReporter(settings: TelemetrySettings, log: Logger): FailureReporter {
  return createFailureReporter({
    log: { warn: (message) => log.warn({}, message), info: (message) => log.info({}, message) },
    secrets: settings.destinations.flatMap(({ headers }) => Object.values(headers)),
  });
}

function createOtlpDelivery(settings: TelemetrySettings, reporter: FailureReporter, log: Logger): Delivery {
  return createDelivery({
    serviceName: settings.service.name,
    destinations: settings.destinations,
    batch: settings.batch,
    spool: { directory: join(settings.dataDirectory, 'spool') },
    reporter,
    log,
  });
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
