import { SettingsError } from './env-reader.ts';

/**
 * Parses `key1=value1,key2=value2` with percent-encoded values, the W3C Baggage form that OTEL_RESOURCE_ATTRIBUTES and
 * OTEL_EXPORTER_OTLP_HEADERS use. Values never appear in the errors: they may be keys.
 *
 * @throws SettingsError naming `variable` and the place of the malformed entry
 */
export function parseKeyValueList(variable: string, text: string): Record<string, string> {
  const entries: [string, string][] = [];
  for (const [index, pair] of text.split(',').entries()) {
    if (pair.trim() === '') continue;
    const equals = pair.indexOf('=');
    const key = decode(variable, index, equals === -1 ? '' : pair.slice(0, equals).trim());
    if (key === '')
      throw new SettingsError(
        variable,
        `must be a list key1=value1,key2=value2; entry ${index + 1} is not key=value.`,
      );
    entries.push([key, decode(variable, index, pair.slice(equals + 1).trim())]);
  }
  return Object.fromEntries(entries);
}

function decode(variable: string, index: number, text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new SettingsError(
      variable,
      `has a malformed percent-encoding in entry ${index + 1}; write a literal % as %25.`,
    );
  }
}
