import type { Environment } from './reader.ts';
import type { SettingsReader } from './variables.ts';

const OWN_PARTS =
  'telemetry has instrumentations of its own, and OTEL_NODE_* choose among those of other packages. `registerTelemetry({ instrumentations })` says which run.';
const NO_METRICS =
  'telemetry sends no metrics. If the service sets a meter provider, its own exporter sends them.';
const BY_OTLP = 'telemetry sends by OTLP alone. OTEL_EXPORTER_OTLP_ENDPOINT says where.';
const BY_ATTRIBUTES =
  'telemetry looks for no attributes of the resource. OTEL_RESOURCE_ATTRIBUTES has those that you name.';
const BY_SCHEME = 'http:// or https:// at the beginning of the endpoint decides.';
const otherName = (name: string) => `the SDK for Node calls it ${name}.`;

/** Variables of OpenTelemetry that telemetry cannot follow, and why. Others that begin with OTEL_ may be of anybody. */
const UNFOLLOWED: readonly (readonly [names: RegExp, why: string])[] = [
  [/^OTEL_NODE_(?:DISABLED|ENABLED)_INSTRUMENTATIONS$/, OWN_PARTS],
  [/^OTEL_METRICS_(?:EXPORTER|EXEMPLAR_FILTER)$/, NO_METRICS],
  [/^OTEL_METRIC_EXPORT_(?:INTERVAL|TIMEOUT)$/, NO_METRICS],
  [
    /^OTEL_NODE_EXPERIMENTAL_SDK_METRICS$/,
    'telemetry records no metrics about itself: `counters()` has them.',
  ],
  [/^OTEL_EXPORTER_(?:ZIPKIN|JAEGER|PROMETHEUS)_\w+$/, BY_OTLP],
  [/^OTEL_EXPORTER_OTLP_(?:TRACES_|LOGS_|SPAN_)?INSECURE$/, BY_SCHEME],
  [/^OTEL_(?:NODE|EXPERIMENTAL)_RESOURCE_DETECTORS$/, BY_ATTRIBUTES],
  [/^OTEL_ENTITIES$/, BY_ATTRIBUTES],
  [/^OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT$/, otherName('OTEL_SPAN_ATTRIBUTE_PER_EVENT_COUNT_LIMIT')],
  [/^OTEL_LINK_ATTRIBUTE_COUNT_LIMIT$/, otherName('OTEL_SPAN_ATTRIBUTE_PER_LINK_COUNT_LIMIT')],
];

/** Warns about each variable that is set and has no effect. `none` has the effect that it names. */
export function warnOfUnfollowed(environment: Environment, env: SettingsReader): void {
  for (const name of Object.keys(environment).toSorted()) {
    const [, why] = UNFOLLOWED.find(([names]) => names.test(name)) ?? [];
    const text = env.text(name);
    if (why !== undefined && text !== undefined && text !== 'none')
      env.warn(`${name} is not followed: ${why}`);
    // `http`, `database` and others ask for what spans have in any case.
    if (name === 'OTEL_SEMCONV_STABILITY_OPT_IN' && text?.includes('/dup'))
      env.warn(`${name} is followed without /dup: spans have the stable names alone.`);
  }
}
