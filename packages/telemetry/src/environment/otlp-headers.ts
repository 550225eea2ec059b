import { quote } from '../secrets.ts';
import { parseKeyValueList } from './key-value-list.ts';
import type { EnvironmentReader } from './reader.ts';
import type { VariableName } from './variables.ts';

const GENERAL = 'OTEL_EXPORTER_OTLP_HEADERS';

/** A header that the environment asks for. */
export interface OtlpHeader {
  readonly value: string;
  /** The variable that it came from. */
  readonly variable: VariableName;
}

/** A signal as the names of variables have it. */
export type SignalVariable = 'TRACES' | 'LOGS';

/**
 * The headers of a signal's OTLP exports by their lower-case names, as the specification for OTLP exporters has them in the
 * environment. A general header holds where the signal's own form does not name the same one.
 * Entries that cannot be read, or sent as an HTTP header, are left out with a warning.
 */
export function readOtlpHeaders(
  env: EnvironmentReader,
  signal: SignalVariable,
): ReadonlyMap<string, OtlpHeader> {
  const own = `OTEL_EXPORTER_OTLP_${signal}_HEADERS` as const;
  const headers = new Map<string, OtlpHeader>();
  for (const variable of [GENERAL, own] as const) {
    const { entries, problems } = parseKeyValueList(env.text(variable) ?? '');
    for (const problem of problems) env.warn(variable, problem, 'It is left out.', true);
    for (const [key, value] of entries) {
      if (!isHeader(key, value)) {
        // A colon for the equals sign makes the key a part of the name: no name is shown that could not be one.
        const shown = isHeader(key, '') ? `a value for ${quote(key)}` : 'a name';
        const problem = `has ${shown} that cannot be sent in an HTTP header (they are written name=value, values percent-encoded).`;
        env.warn(variable, problem, 'It is left out.', true);
        continue;
      }
      const name = key.toLowerCase();
      if (variable === own && headers.has(name)) env.wonOver(variable, `${name} of ${GENERAL}`);
      headers.set(name, { value: value.trim(), variable });
    }
  }
  return headers;
}

function isHeader(key: string, value: string): boolean {
  try {
    new Headers([[key, value]]);
    return true;
  } catch {
    return false;
  }
}
