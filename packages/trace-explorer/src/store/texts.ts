import { hash } from 'node:crypto';

/**
 * Bytes of a text in a row, in UTF-8. DuckDB works on 2,048 rows at a time and holds all their values of a column: with
 * Honeycomb's 64 KiB they would be as large as its memory.
 */
const MAX_TEXT_BYTES = 4_095;
/** Bytes of a text that comes after the long ones of its row. */
export const SHORT_TEXT_BYTES = 256;
/** Digits of the hash: enough that two texts of a store are not taken for one. */
const HASH_DIGITS = 12;
/** From so many bytes on, a text may have been longer as sent: see `fields/truncate.ts`. */
const SENT_LONGER_BYTES = 65_532;

/**
 * Cuts a text to so many bytes, never inside a character. The end says how long the text was and what its hash is, so that
 * GROUP BY and comparisons still tell different texts apart. Equal texts become equal ones.
 */
export function cutText(text: string, maxBytes = MAX_TEXT_BYTES): string {
  // A UTF-16 unit is at most three bytes of UTF-8, so most text needs no counting.
  if (text.length * 3 <= maxBytes) return text;
  const bytes = Buffer.byteLength(text);
  if (bytes <= maxBytes) return text;
  const digest = hash('sha256', text).slice(0, HASH_DIGITS);
  const ending = `… (${bytes < SENT_LONGER_BYTES ? '' : 'at least '}${bytes} bytes, sha256 ${digest})`;
  const kept = Buffer.from(text.slice(0, maxBytes));
  let end = maxBytes - Buffer.byteLength(ending);
  while (end > 0 && ((kept[end] ?? 0) & 0xc0) === 0x80) end--;
  return kept.toString('utf8', 0, end) + ending;
}
