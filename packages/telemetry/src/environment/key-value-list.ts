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
    const key = decode(equals === -1 ? '' : pair.slice(0, equals).trim());
    const value = decode(pair.slice(equals + 1).trim());
    if (key === '') {
      problems.push(`must be a list key1=value1,key2=value2; entry ${index + 1} is not key=value.`);
    } else if (key === undefined || value === undefined) {
      problems.push(`has a malformed percent-encoding in entry ${index + 1}; write a literal % as %25.`);
    } else entries.push([key, value]);
  }
  return { entries, problems };
}

/** Undefined for a malformed percent-encoding. */
function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
