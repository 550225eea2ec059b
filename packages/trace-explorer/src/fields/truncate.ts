/** Honeycomb's limit on a field's size: 64 KiB less one byte of UTF-8. */
export const MAX_FIELD_BYTES = 65_535;

/** Cuts text to 64 KiB of UTF-8, never inside a character. */
export function truncate(text: string): string {
  // A UTF-16 unit is at most three bytes of UTF-8, so most text needs no counting.
  if (text.length * 3 <= MAX_FIELD_BYTES || Buffer.byteLength(text) <= MAX_FIELD_BYTES) return text;
  const bytes = Buffer.from(text.slice(0, MAX_FIELD_BYTES));
  let end = Math.min(MAX_FIELD_BYTES, bytes.length);
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end--;
  return bytes.toString('utf8', 0, end);
}
