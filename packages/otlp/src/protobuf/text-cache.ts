/** Longest text kept; names, methods, hosts and most values are shorter. */
const MAX_LENGTH = 48;
/** A power of two; 8,192 short strings are some 600 KB. */
const SLOTS = 8192;

const slots: string[] = new Array(SLOTS).fill('');

/**
 * Reads ASCII text by way of a cache: spans repeat their keys and most values, and finding the string again
 * takes less time than making it, and leaves nothing to collect.
 * @returns undefined when the bytes are too many or not ASCII
 */
export function cachedText(bytes: Buffer, start: number, end: number): string | undefined {
  const length = end - start;
  if (length > MAX_LENGTH) return undefined;
  let hash = length;
  for (let index = start; index < end; index++) {
    const byte = bytes[index] as number;
    if (byte > 0x7f) return undefined;
    hash = (Math.imul(hash, 31) + byte) | 0;
  }
  const slot = (hash ^ (hash >>> 13)) & (SLOTS - 1);
  const known = slots[slot] as string;
  if (known.length === length && equal(known, bytes, start)) return known;
  const text = bytes.toString('latin1', start, end);
  slots[slot] = text;
  return text;
}

function equal(text: string, bytes: Uint8Array, start: number): boolean {
  for (let index = 0; index < text.length; index++) {
    if (text.charCodeAt(index) !== bytes[start + index]) return false;
  }
  return true;
}
