const SHORT_DIGITS = 16;
const PADDING = '0'.repeat(SHORT_DIGITS);

/**
 * A trace's id in the form of its rows, lower case. A 64-bit id that was padded with zeros to OTLP's 128 bits has 16 digits, as
 * in husky, and as Honeycomb finds it.
 */
export function traceIdField(traceId: string): string {
  const lower = traceId.toLowerCase();
  return lower.length === 2 * SHORT_DIGITS && lower.startsWith(PADDING) ? lower.slice(SHORT_DIGITS) : lower;
}
