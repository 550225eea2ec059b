import { quote } from '../secrets.ts';
import type { EnvironmentReader } from './reader.ts';
import type { VariableName } from './variables.ts';

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
  const headers = new Map<string, OtlpHeader>();
  for (const variable of ['OTEL_EXPORTER_OTLP_HEADERS', `OTEL_EXPORTER_OTLP_${signal}_HEADERS`] as const) {
    const { entries, problems } = parseKeyValueList(env.text(variable) ?? '');
    for (const problem of problems) env.warn(variable, problem, 'It is left out.');
    for (const [key, value] of entries) {
      if (isHeader(key, value)) {
        headers.set(key.toLowerCase(), { value: value.trim(), variable });
        continue;
      }
      // A colon for the equals sign makes the key a part of the name: no name is shown that could not be one.
      const shown = isHeader(key, '') ? `a value for ${quote(key)}` : 'a name';
      const problem = `has ${shown} that cannot be sent in an HTTP header (they are written name=value, values percent-encoded).`;
      env.warn(variable, problem, 'It is left out.');
    }
  }
  return headers;
}

/** What a list says, and what is wrong with the entries that cannot be read. */
export interface KeyValueList {
  readonly entries: readonly (readonly [key: string, value: string])[];
  /** Each goes on after the variable's name, and is a sentence. */
  readonly problems: readonly string[];
}

/**
 * Parses `key1=value1,key2=value2` with percent-encoded values, the W3C Baggage form that OTEL_RESOURCE_ATTRIBUTES and
 * OTEL_EXPORTER_OTLP_HEADERS use. Neither keys nor values appear in the problems: they may be secrets.
 */
export function parseKeyValueList(text: string): KeyValueList {
  const entries: (readonly [string, string])[] = [];
  const problems: string[] = [];
  for (const [index, pair] of text.split(',').entries()) {
    if (pair.trim() === '') continue;
    const equals = pair.indexOf('=');
    try {
      const key = decodeURIComponent(pair.slice(0, Math.max(0, equals)).trim());
      if (key !== '') entries.push([key, decodeURIComponent(pair.slice(equals + 1).trim())]);
      else problems.push(`must be a list key1=value1,key2=value2; entry ${index + 1} is not key=value.`);
    } catch {
      problems.push(`has a malformed percent-encoding in entry ${index + 1}; write a literal % as %25.`);
    }
  }
  return { entries, problems };
}

function isHeader(key: string, value: string): boolean {
  try {
    new Headers([[key, value]]);
    return true;
  } catch {
    return false;
  }
}
