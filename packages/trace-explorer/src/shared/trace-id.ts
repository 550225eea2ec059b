const SHORT_DIGITS = 16;
const PADDING = '0'.repeat(SHORT_DIGITS);

/**
 * A trace's id as its rows have it, lower case: one of 64 bits that was padded with zeros to OTLP's 128 is 16 digits
 * long, as husky makes it and Honeycomb finds it.
 */
export function traceIdField(traceId: string): string {
  const lower = traceId.toLowerCase();
  return lower.length === 2 * SHORT_DIGITS && lower.startsWith(PADDING) ? lower.slice(SHORT_DIGITS) : lower;
}
