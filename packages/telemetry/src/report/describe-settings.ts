import { logSafeUrl } from '../failures/log-safe.ts';
import { withoutCredentials } from '../secrets.ts';
import type { Destination, SettingSource, TelemetrySettings } from '../settings/index.ts';

/** What telemetry says of itself at start: fields for machines, and a sentence for people. */
export interface SelfDescription {
  readonly fields: {
    readonly event: 'telemetry.self';
    readonly telemetry: Readonly<Record<string, unknown>>;
  };
  readonly message: string;
}

/**
 * The settings in effect, and which variables they came from. Holds no secret: of headers and resource attributes only
 * the names, of URLs neither user nor password nor query.
 */
export function describeSettings(settings: TelemetrySettings): SelfDescription {
  const { service, sampler, spanLimits, sources } = settings;
  const otlp = settings.exporters.includes('otlp');
  const destinations = otlp ? settings.destinations.map(describeDestination) : [];
  const { logs } = settings;
  const effective = {
    service: service.name,
    version: service.version,
    environment: settings.environmentName,
    resourceAttributes: Object.keys(settings.resourceAttributes).map(withoutCredentials),
    exporters: settings.exporters,
    destinations,
    propagators: settings.propagators,
    baggageAttributes: settings.baggageAttributes,
    redactAttributes: settings.redactAttributes,
    sampler: sampler.argument === undefined ? sampler.name : `${sampler.name} ${sampler.argument}`,
    batch: settings.batch,
    spanLimits: withoutInfinity(spanLimits),
    logs: {
      exporters: logs.exporters,
      destinations: logs.destinations.map(describeDestination),
      batch: logs.batch,
      limits: withoutInfinity(logs.limits),
    },
    exceptionSignal: settings.exceptionSignal,
    dataDirectory: settings.dataDirectory,
    fastifyLifecycle: settings.fastifyLifecycle,
    leanHttpClient: settings.leanHttpClient,
    from: sources.map(describeSource),
  };
  const places = [
    ...destinations.map(({ url }) => url),
    ...(settings.exporters.includes('console') ? ['the console'] : []),
  ];
  const spans = places.length === 0 ? 'spans go nowhere' : `spans go to ${places.join(' and ')}`;
  const lines = logs.exporters.length === 0 ? ', log lines to standard output only' : '';
  const set =
    sources.length === 0
      ? 'All settings are defaults.'
      : `Not default: ${sources.map(describeSource).join(', ')}.`;
  return {
    fields: { event: 'telemetry.self', telemetry: effective },
    message: `Telemetry of ${service.name}: ${spans}${lines}. ${set}`,
  };
}

function describeDestination({ url, headers, tls, ...rest }: Destination) {
  return {
    ...rest,
    url: logSafeUrl(url),
    // A token that stands where the name belongs would show.
    headers: Object.keys(headers).map(withoutCredentials),
    ...(tls && { tls: Object.keys(tls) }),
  };
}

/** JSON has no Infinity. */
function withoutInfinity(limits: { readonly attributeValueLengthLimit: number }): object {
  const { attributeValueLengthLimit: length } = limits;
  return { ...limits, attributeValueLengthLimit: Number.isFinite(length) ? length : 'unlimited' };
}

function describeSource({ variable, over }: SettingSource): string {
  return over.length === 0 ? variable : `${variable} (over ${over.join(' and ')})`;
}
