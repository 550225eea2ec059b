import { hash } from 'node:crypto';

/** Honeycomb's limit on a field's size: 64 KiB less one byte of UTF-8. */
export const MAX_FIELD_BYTES = 65_535;
/**
 * Bytes of a text in a row, in UTF-8. DuckDB works on 2,048 rows at a time and holds all their values of a column: with
 * Honeycomb's 64 KiB they would be as large as its memory.
 */
const MAX_TEXT_BYTES = 4_095;
/** Digits of the hash: enough that two texts of a store are not taken for one. */
const HASH_DIGITS = 12;
/** From so many bytes on, a text was cut by `truncate`, and may have been longer. */
const SENT_LONGER_BYTES = MAX_FIELD_BYTES - 3;

/** Cuts text to 64 KiB of UTF-8, never inside a character. */
export function truncate(text: string): string {
  return fits(text, MAX_FIELD_BYTES) ? text : beginning(text, MAX_FIELD_BYTES);
}

/**
 * Cuts a text to so many bytes, never inside a character. The end says how long the text was and what its hash is, so that
 * GROUP BY and comparisons still tell different texts apart. Equal texts become equal ones.
 */
export function cutText(text: string, maxBytes = MAX_TEXT_BYTES): string {
  if (fits(text, maxBytes)) return text;
  const bytes = Buffer.byteLength(text);
  const digest = hash('sha256', text).slice(0, HASH_DIGITS);
  const ending = `… (${bytes < SENT_LONGER_BYTES ? '' : 'at least '}${bytes} bytes, sha256 ${digest})`;
  return beginning(text, maxBytes - Buffer.byteLength(ending)) + ending;
}

/** Whether a text ends as `cutText` ends what it cuts. */
export function isCut(text: string): boolean {
  return /… \((?:at least )?\d+ bytes, sha256 [0-9a-f]{12}\)$/.test(text);
}

function fits(text: string, maxBytes: number): boolean {
  // A UTF-16 unit is at most three bytes of UTF-8, so most text needs no counting.
  return text.length * 3 <= maxBytes || Buffer.byteLength(text) <= maxBytes;
}

function beginning(text: string, maxBytes: number): string {
  const bytes = Buffer.from(text.slice(0, maxBytes + 1));
  let end = Math.min(maxBytes, bytes.length);
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end--;
  return bytes.toString('utf8', 0, end);
}
