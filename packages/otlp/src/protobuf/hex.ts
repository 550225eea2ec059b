const HEX_DIGITS = hexDigits();

/** Writes hexadecimal digits, two to a byte, from `start` on. */
export function writeHex(bytes: Uint8Array, start: number, digits: string): void {
  const count = digits.length >>> 1;
  for (let i = 0; i < count; i++) {
    const upper = HEX_DIGITS[digits.charCodeAt(2 * i) & 0xff] as number;
    const lower = HEX_DIGITS[digits.charCodeAt(2 * i + 1) & 0xff] as number;
    bytes[start + i] = (upper << 4) | lower;
  }
}

/** The value of each digit, by its character code. */
function hexDigits(): Uint8Array {
  const table = new Uint8Array(256);
  for (let digit = 0; digit < 16; digit++) {
    const text = digit.toString(16);
    table[text.charCodeAt(0)] = digit;
    table[text.toUpperCase().charCodeAt(0)] = digit;
  }
  return table;
}
