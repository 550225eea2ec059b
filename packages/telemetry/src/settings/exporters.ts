import type { EnvReader } from '../environment/env-reader.ts';
import { quote } from '../environment/env-reader.ts';
import type { SignalVariable } from '../environment/otlp-headers.ts';

/** What OTEL_TRACES_EXPORTER and OTEL_LOGS_EXPORTER may list, beside `none`. */
export type ExporterName = 'otlp' | 'console';

/**
 * OTEL_TRACES_EXPORTER or OTEL_LOGS_EXPORTER: where spans or log records go; empty for `none`. Names that nobody here
 * knows are left out with a warning.
 * @param otherwise where nothing is set
 */
export function readExporters(
  env: EnvReader,
  signal: SignalVariable,
  otherwise: readonly ExporterName[] = ['otlp'],
): readonly ExporterName[] {
  const variable = `OTEL_${signal}_EXPORTER`;
  const listed = [...new Set(env.list(variable))];
  if (listed.length === 0) return otherwise;
  if (listed.length === 1 && listed[0] === 'none') return [];
  const known = listed.filter((name) => name === 'otlp' || name === 'console');
  const exporters: readonly ExporterName[] = known.length === 0 ? ['otlp'] : known;
  const unknown = listed.filter((name) => !known.some((each) => each === name));
  if (unknown.length === 0) return exporters;
  const problem = `must be none, or any of otlp, console; ${unknown.map(quote).join(' and ')} is not supported.`;
  env.ignore(variable, problem, `${exporters} is used instead.`, known.length > 0);
  return exporters;
}
