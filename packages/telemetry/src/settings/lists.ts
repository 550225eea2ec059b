import type { SignalVariable } from '../environment/otlp-headers.ts';
import type { EnvironmentReader } from '../environment/reader.ts';
import { EXPORTER_NAMES, itemsOf, PROPAGATOR_NAMES } from '../environment/variables.ts';
import { quote } from '../secrets.ts';

/** What OTEL_TRACES_EXPORTER and OTEL_LOGS_EXPORTER may list, beside `none`. */
export type ExporterName = (typeof EXPORTER_NAMES)[number];

/** What OTEL_PROPAGATORS may list. */
export type PropagatorName = (typeof PROPAGATOR_NAMES)[number];

const DEFAULT_PROPAGATORS: readonly PropagatorName[] = ['tracecontext', 'baggage'];

/**
 * OTEL_TRACES_EXPORTER or OTEL_LOGS_EXPORTER: where spans or log records go; empty for `none`. Names that nobody here
 * knows are left out with a warning.
 *
 * @param otherwise where nothing is set
 */
export function readExporters(
  env: EnvironmentReader,
  signal: SignalVariable,
  otherwise: readonly ExporterName[] = ['otlp'],
): readonly ExporterName[] {
  const variable = `OTEL_${signal}_EXPORTER` as const;
  const listed = unique(itemsOf(env.text(variable) ?? ''));
  if (listed.length === 0) return otherwise;
  if (String(listed) === 'none') return [];
  const { known, unknown } = sort(listed, EXPORTER_NAMES);
  const exporters: readonly ExporterName[] = known.length === 0 ? ['otlp'] : known;
  if (unknown.length === 0) return exporters;
  const problem = `must be none, or any of otlp, console; ${unknown.map(quote).join(' and ')} is not supported.`;
  env.warn(variable, problem, `${exporters} is used instead.`, known.length > 0);
  return exporters;
}

/** OTEL_PROPAGATORS, each name once; those that nobody here knows are left out with a warning. */
export function readPropagators(env: EnvironmentReader): readonly PropagatorName[] {
  const listed = unique(itemsOf(env.text('OTEL_PROPAGATORS') ?? '').map((name) => name.toLowerCase()));
  if (listed.length === 0) return DEFAULT_PROPAGATORS;
  const { known, unknown } = sort(listed, PROPAGATOR_NAMES);
  const propagators = known.length === 0 ? DEFAULT_PROPAGATORS : known;
  if (unknown.length === 0) return propagators;
  const problem = `may list ${PROPAGATOR_NAMES.join(', ')}, not ${unknown.map(quote).join(' or ')}.`;
  env.warn('OTEL_PROPAGATORS', problem, `${propagators} is used instead.`, known.length > 0);
  return propagators;
}

/**
 * TRACE_REDACT_ATTRIBUTES and what the host lists: keys of attributes whose values are not exported. Of a key with a `*`
 * within it the beginning counts, with a warning: rather too much is redacted than too little.
 */
export function readRedaction(env: EnvironmentReader, ofHost: readonly string[] = []): string[] {
  const keys = [...ofHost, ...env.read('TRACE_REDACT_ATTRIBUTES')].map((key) => {
    const beginning = key.replace(/\*.+$/, '*');
    if (beginning !== key) {
      const problem = `must list keys of attributes, with * only at the end of one, not ${quote(key)}.`;
      env.warn('TRACE_REDACT_ATTRIBUTES', problem, `${quote(beginning)} is used instead.`, true);
    }
    return beginning;
  });
  return unique(keys);
}

/** The items of all lists, each once. */
export function unique(...lists: readonly (readonly string[])[]): string[] {
  return [...new Set(lists.flat())];
}

function sort<Name extends string>(listed: readonly string[], names: readonly Name[]) {
  const isKnown = (item: string): item is Name => names.some((name) => name === item);
  return { known: listed.filter(isKnown), unknown: listed.filter((item) => !isKnown(item)) };
}
