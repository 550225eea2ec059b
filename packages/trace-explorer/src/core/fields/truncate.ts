import { hash } from 'node:crypto';

/** Honeycomb's limit on a field's size: 64 KiB less one byte of UTF-8. */
export const MAX_FIELD_BYTES = 65_535;
/**
 * Bytes of a text in a row, in UTF-8. DuckDB works on 2,048 rows at a time and holds all their values of a column. With
 * Honeycomb's 64 KiB per text, these values would fill DuckDB's memory.
 */
const MAX_TEXT_BYTES = 4_095;
/** Digits of the hash: enough that two texts of a store hardly ever have the same hash. */
const HASH_DIGITS = 12;
/** A text with at least this many bytes was cut by `truncate`, and may have been longer. */
const SENT_LONGER_BYTES = MAX_FIELD_BYTES - 3;

/** Cuts text to 64 KiB of UTF-8, never inside a character. */
export function truncate(text: string): string {
  return fits(text, MAX_FIELD_BYTES) ? text : beginning(text, MAX_FIELD_BYTES);
}

/**
 * Cuts a text to `maxBytes` bytes, never inside a character. The end of a cut text has its length and its hash, so that GROUP
 * BY and comparisons still tell different texts apart. Equal texts stay equal.
 */
export function cutText(text: string, maxBytes = MAX_TEXT_BYTES): string {
  if (fits(text, maxBytes)) return text;
  const bytes = Buffer.byteLength(text);
  const digest = hash('sha256', text).slice(0, HASH_DIGITS);
  const ending = `… (${bytes < SENT_LONGER_BYTES ? '' : 'at least '}${bytes} bytes, sha256 ${digest})`;
  return beginning(text, maxBytes - Buffer.byteLength(ending)) + ending;
}

/** Whether a text ends in the way in which `cutText` ends a cut text. */
export function isCut(text: string): boolean {
  return /… \((?:at least )?\d+ bytes, sha256 [0-9a-f]{12}\)$/.test(text);
}

function fits(text: string, maxBytes: number): boolean {
  // A UTF-16 unit takes at most three bytes of UTF-8, so most texts need no counting.
  return text.length * 3 <= maxBytes || Buffer.byteLength(text) <= maxBytes;
}

function beginning(text: string, maxBytes: number): string {
  const bytes = Buffer.from(text.slice(0, maxBytes + 1));
  let end = Math.min(maxBytes, bytes.length);
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end--;
  return bytes.toString('utf8', 0, end);
}
