/** Bytes a fresh or trimmed buffer has: about forty spans. */
const INITIAL_BYTES = 16 * 1024;

/** Above this a drained buffer is given back rather than kept for reuse. */
const KEEP_BYTES = 1024 * 1024;

/** From here on the native UTF-8 writer beats a loop over character codes. */
const LOOP_CHARACTERS = 48;

const HEX_DIGITS = hexDigits();

/**
 * Protocol Buffers wire format written into one growing buffer, which is reused from batch to batch.
 * Every method reserves the room that it needs.
 */
export class ProtoWriter {
  bytes: Buffer;
  length = 0;

  constructor(initialBytes: number = INITIAL_BYTES) {
    this.bytes = Buffer.allocUnsafeSlow(initialBytes);
  }

  /** Makes room for `count` more bytes. */
  reserve(count: number): void {
    const needed = this.length + count;
    if (needed <= this.bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.bytes.length * 2));
    this.bytes.copy(larger, 0, 0, this.length);
    this.bytes = larger;
  }

  /** Forgets what was written; a buffer that one unusual batch made huge is given back. */
  reset(): void {
    this.length = 0;
    if (this.bytes.length > KEEP_BYTES) this.bytes = Buffer.allocUnsafeSlow(INITIAL_BYTES);
  }

  /** A copy of what was written. */
  toBuffer(): Buffer {
    const copy = Buffer.allocUnsafeSlow(this.length);
    this.bytes.copy(copy, 0, 0, this.length);
    return copy;
  }

  byte(value: number): void {
    this.reserve(1);
    this.bytes[this.length++] = value;
  }

  /** An unsigned integer below 2^32. */
  uint32(value: number): void {
    this.reserve(5);
    this.#varint(value);
  }

  /** An integer in the range of int64; negative ones take ten bytes, in two's complement. */
  int64(value: number): void {
    if (value >= 0 && value <= 0xffffffff) {
      this.uint32(value);
      return;
    }
    this.reserve(10);
    // Both halves are exact: an integral double divided by a power of two loses nothing above its unit.
    let high = Math.floor(value / 0x100000000) >>> 0;
    let low = value >>> 0;
    while (high > 0 || low > 0x7f) {
      this.bytes[this.length++] = (low & 0x7f) | 0x80;
      low = ((low >>> 7) | (high << 25)) >>> 0;
      high >>>= 7;
    }
    this.bytes[this.length++] = low;
  }

  fixed32(value: number): void {
    this.reserve(4);
    this.length = this.bytes.writeUInt32LE(value >>> 0, this.length);
  }

  double(value: number): void {
    this.reserve(8);
    this.length = this.bytes.writeDoubleLE(value, this.length);
  }

  /** Seconds and nanoseconds since 1970 as one fixed64 of nanoseconds, without BigInt. */
  fixed64Time(seconds: number, nanoseconds: number): void {
    // Math.imul is the exact low half of the product. The high half comes from a double that is off by
    // at most 512 in 2^32, which rounding to the next integer removes.
    const low = (Math.imul(seconds, 1e9) + nanoseconds) >>> 0;
    const high = Math.round((seconds * 1e9 + nanoseconds - low) / 0x100000000) >>> 0;
    this.reserve(8);
    const { bytes } = this;
    let at = this.length;
    bytes[at++] = low;
    bytes[at++] = low >>> 8;
    bytes[at++] = low >>> 16;
    bytes[at++] = low >>> 24;
    bytes[at++] = high;
    bytes[at++] = high >>> 8;
    bytes[at++] = high >>> 16;
    bytes[at++] = high >>> 24;
    this.length = at;
  }

  /** A trace or span id, given in hexadecimal, as length-prefixed bytes. */
  hexBytes(hex: string): void {
    const count = hex.length >>> 1;
    this.reserve(count + 5);
    this.uint32(count);
    const { bytes } = this;
    let at = this.length;
    for (let i = 0; i < count; i++) {
      const upper = HEX_DIGITS[hex.charCodeAt(2 * i) & 0xff] as number;
      const lower = HEX_DIGITS[hex.charCodeAt(2 * i + 1) & 0xff] as number;
      bytes[at++] = (upper << 4) | lower;
    }
    this.length = at;
  }

  /** Bytes as they are, without a length before them. */
  raw(source: Uint8Array): void {
    const count = source.length;
    this.reserve(count);
    if (count < 64) {
      const { bytes } = this;
      let at = this.length;
      for (let i = 0; i < count; i++) bytes[at++] = source[i] as number;
      this.length = at;
    } else {
      this.bytes.set(source, this.length);
      this.length += count;
    }
  }

  /** A length-prefixed string in UTF-8; a lone surrogate becomes U+FFFD. */
  string(value: string): void {
    const count = utf8Length(value);
    this.reserve(count + 5);
    this.uint32(count);
    this.utf8(value, count);
  }

  /** The string alone; `count` is its {@link utf8Length}. */
  utf8(value: string, count: number): void {
    this.reserve(count);
    if (count <= LOOP_CHARACTERS && count === value.length) {
      const { bytes } = this;
      let at = this.length;
      for (let i = 0; i < count; i++) bytes[at++] = value.charCodeAt(i);
      this.length = at;
    } else {
      this.bytes.write(value, this.length, count, 'utf8');
      this.length += count;
    }
  }

  /**
   * A KeyValue with a string value, whose key field is given encoded. The usual value is short and ASCII: it is
   * written in one pass, and again if that turns out wrong.
   */
  stringAttribute(tag: number, keyField: Uint8Array, value: string): void {
    const { length } = value;
    const keyLength = keyField.length;
    if (length > LOOP_CHARACTERS || keyLength > LOOP_CHARACTERS) {
      this.#anyStringAttribute(tag, keyField, value);
      return;
    }
    // All lengths below fit one byte.
    this.reserve(keyLength + length + 6);
    const { bytes } = this;
    let at = this.length;
    bytes[at++] = tag;
    bytes[at++] = keyLength + length + 4;
    for (let i = 0; i < keyLength; i++) bytes[at++] = keyField[i] as number;
    bytes[at++] = 0x12;
    bytes[at++] = length + 2;
    bytes[at++] = 0x0a;
    bytes[at++] = length;
    for (let i = 0; i < length; i++) {
      const code = value.charCodeAt(i);
      if (code > 0x7f) {
        this.#anyStringAttribute(tag, keyField, value);
        return;
      }
      bytes[at++] = code;
    }
    this.length = at;
  }

  #anyStringAttribute(tag: number, keyField: Uint8Array, value: string): void {
    const count = utf8Length(value);
    const inner = 1 + varintSize(count) + count;
    this.byte(tag);
    this.uint32(keyField.length + 1 + varintSize(inner) + inner);
    this.raw(keyField);
    this.byte(0x12);
    this.uint32(inner);
    this.byte(0x0a);
    this.uint32(count);
    this.utf8(value, count);
  }

  /**
   * Starts a nested message whose length is not known yet; give the result to {@link end}.
   *
   * @param lengthBytes how many bytes its length will probably take
   */
  begin(lengthBytes = 1): number {
    this.reserve(lengthBytes);
    this.length += lengthBytes;
    return this.length;
  }

  /** Ends a nested message: writes its length before it, moving it when that takes more or less room than kept. */
  end(start: number, lengthBytes = 1): void {
    const count = this.length - start;
    const extra = varintSize(count) - lengthBytes;
    if (extra !== 0) {
      this.reserve(extra);
      this.bytes.copyWithin(start + extra, start, this.length);
    }
    this.length = start - lengthBytes;
    this.#varint(count);
    this.length += count;
  }

  #varint(value: number): void {
    let rest = value >>> 0;
    while (rest > 0x7f) {
      this.bytes[this.length++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    this.bytes[this.length++] = rest;
  }
}

/** How many bytes a string takes in UTF-8. */
export function utf8Length(value: string): number {
  const { length } = value;
  if (length > LOOP_CHARACTERS) return Buffer.byteLength(value, 'utf8');
  for (let i = 0; i < length; i++) {
    if (value.charCodeAt(i) > 0x7f) return Buffer.byteLength(value, 'utf8');
  }
  return length;
}

/** How many bytes an unsigned integer below 2^32 takes as a varint. */
export function varintSize(value: number): number {
  if (value < 0x80) return 1;
  if (value < 0x4000) return 2;
  if (value < 0x200000) return 3;
  return value < 0x10000000 ? 4 : 5;
}

function hexDigits(): Uint8Array {
  const table = new Uint8Array(256);
  for (let digit = 0; digit < 16; digit++) {
    const text = digit.toString(16);
    table[text.charCodeAt(0)] = digit;
    table[text.toUpperCase().charCodeAt(0)] = digit;
  }
  return table;
}
