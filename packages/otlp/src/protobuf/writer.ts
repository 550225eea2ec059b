/** Bytes of a fresh or trimmed buffer: about forty spans. */
const INITIAL_BYTES = 16 * 1024;

/** Free bytes at the end of a grown buffer, so that lengths around a long text do not make it grow again. */
const ROOM_BYTES = 1024;

/** A drained buffer above this size is not kept. */
const KEEP_BYTES = 1024 * 1024;

/** Up to this length a loop over character codes beats the native UTF-8 writer. */
const LOOP_CHARACTERS = 48;

/** Bytes that a tag, or a length, takes at most. */
const VARINT_BYTES = 5;

/** The largest varint of one byte. */
const ONE_BYTE = 0x7f;

const TWO_TO_32 = 0x1_0000_0000;

/**
 * Writes protobuf messages into one growing buffer, reused from batch to batch. Each method writes one field: the tag of
 * the field tables, and the value, also a default value.
 * @example
 * const writer = new ProtobufWriter();
 * const start = writer.begin(KeyValueFields.value);
 * writer.string(AnyValueFields.stringValue, 'GET');
 * writer.end(start);
 */
export class ProtobufWriter {
  bytes: Buffer;
  length = 0;

  constructor(initialBytes: number = INITIAL_BYTES) {
    this.bytes = Buffer.allocUnsafeSlow(initialBytes);
  }

  /** Empties the writer, and releases a huge buffer. */
  reset(): void {
    this.length = 0;
    if (this.bytes.length > KEEP_BYTES) this.bytes = Buffer.allocUnsafeSlow(INITIAL_BYTES);
  }

  /** A copy of the written bytes. */
  toBuffer(): Buffer {
    const copy = Buffer.allocUnsafeSlow(this.length);
    this.bytes.copy(copy, 0, 0, this.length);
    return copy;
  }

  /** Text in UTF-8, a lone surrogate as U+FFFD. */
  string(tag: number, value: string): void {
    const { length } = value;
    // The usual text is short and ASCII, so one pass writes it. A text that is not ASCII is written again.
    if (length <= LOOP_CHARACTERS && tag <= ONE_BYTE && this.#shortAscii(tag, value)) return;
    const count = Buffer.byteLength(value, 'utf8');
    this.#tagAndVarint(tag, count, count);
    this.bytes.write(value, this.length, count, 'utf8');
    this.length += count;
  }

  bytesField(tag: number, value: Uint8Array): void {
    this.#tagAndVarint(tag, value.length);
    this.raw(value);
  }

  /** Bytes given in hexadecimal, in lower or upper case: a trace or span id. */
  hex(tag: number, digits: string): void {
    const count = digits.length >>> 1;
    this.#tagAndVarint(tag, count, count);
    this.length += this.bytes.write(digits, this.length, count, 'hex');
  }

  /** An unsigned integer below 2^32. */
  uint32(tag: number, value: number): void {
    this.#tagAndVarint(tag, value);
  }

  bool(tag: number, value: boolean): void {
    this.#tagAndVarint(tag, value ? 1 : 0);
  }

  /** An integer in the range of int64. A negative integer takes ten bytes, in two's complement. */
  int64(tag: number, value: number | bigint): void {
    if (typeof value === 'bigint') {
      this.varint(tag);
      this.#varint64(Number(BigInt.asUintN(32, value >> 32n)), Number(BigInt.asUintN(32, value)));
    } else if (value >= 0 && value < TWO_TO_32) {
      this.uint32(tag, value);
    } else {
      this.varint(tag);
      // Both halves are exact: an integral double divided by a power of two loses nothing above its unit.
      this.#varint64(Math.floor(value / TWO_TO_32) >>> 0, value >>> 0);
    }
  }

  double(tag: number, value: number): void {
    this.#reserve(VARINT_BYTES + 8);
    this.#varint(tag);
    this.length = this.bytes.writeDoubleLE(value, this.length);
  }

  fixed32(tag: number, value: number): void {
    this.#reserve(VARINT_BYTES + 4);
    this.#varint(tag);
    this.length = this.bytes.writeUInt32LE(value >>> 0, this.length);
  }

  fixed64(tag: number, value: bigint): void {
    this.#reserve(VARINT_BYTES + 8);
    this.#varint(tag);
    this.length = this.bytes.writeBigUInt64LE(value, this.length);
  }

  /** Seconds and nanoseconds since 1970 as one fixed64 of nanoseconds, without BigInt. */
  time(tag: number, seconds: number, nanoseconds: number): void {
    // Math.imul is the exact low half of the product. The high half comes from a double that is off by
    // at most 512 in 2^32, which rounding to the next integer removes.
    const low = (Math.imul(seconds, 1e9) + nanoseconds) >>> 0;
    const high = Math.round((seconds * 1e9 + nanoseconds - low) / TWO_TO_32) >>> 0;
    this.#reserve(VARINT_BYTES + 8);
    this.#varint(tag);
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

  /**
   * Starts a nested message; give the result to {@link end}.
   * @param lengthBytes the probable size of the message's length
   */
  begin(tag: number, lengthBytes = 1): number {
    this.#reserve(VARINT_BYTES + lengthBytes);
    this.#varint(tag);
    this.length += lengthBytes;
    return this.length;
  }

  /**
   * Ends a nested message: writes the length before the message. The message is moved when the length does not take
   * `lengthBytes`.
   */
  end(start: number, lengthBytes = 1): void {
    const count = this.length - start;
    const extra = varintSize(count) - lengthBytes;
    if (extra !== 0) {
      this.#reserve(extra);
      this.bytes.copyWithin(start + extra, start, this.length);
    }
    this.length = start - lengthBytes;
    // Without `reserve`: a grown buffer gets the bytes before the message, not the message.
    this.#varint(count);
    this.length += count;
  }

  /** Bytes as they are. */
  raw(source: Uint8Array): void {
    this.#reserve(source.length);
    this.bytes.set(source, this.length);
    this.length += source.length;
  }

  /** An unsigned integer below 2^32, without a tag. */
  varint(value: number): void {
    this.#reserve(VARINT_BYTES);
    this.#varint(value);
  }

  #shortAscii(tag: number, value: string): boolean {
    const { length } = value;
    this.#reserve(length + 2);
    const { bytes } = this;
    let at = this.length;
    bytes[at++] = tag;
    bytes[at++] = length;
    for (let i = 0; i < length; i++) {
      const code = value.charCodeAt(i);
      if (code > ONE_BYTE) return false;
      bytes[at++] = code;
    }
    this.length = at;
    return true;
  }

  /** Makes room for `count` more bytes. */
  #reserve(count: number): void {
    const needed = this.length + count;
    if (needed <= this.bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(needed + ROOM_BYTES, this.bytes.length * 2));
    this.bytes.copy(larger, 0, 0, this.length);
    this.bytes = larger;
  }

  /** Makes room for `more` bytes after the written ones. */
  #tagAndVarint(tag: number, value: number, more = 0): void {
    this.#reserve(2 * VARINT_BYTES + more);
    if (tag <= ONE_BYTE && value <= ONE_BYTE) {
      const { bytes } = this;
      bytes[this.length++] = tag;
      bytes[this.length++] = value;
    } else {
      this.#varint(tag);
      this.#varint(value);
    }
  }

  /** The caller has made room. */
  #varint(value: number): void {
    let rest = value >>> 0;
    while (rest > 0x7f) {
      this.bytes[this.length++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    this.bytes[this.length++] = rest;
  }

  #varint64(highHalf: number, lowHalf: number): void {
    this.#reserve(2 * VARINT_BYTES);
    let high = highHalf;
    let low = lowHalf;
    while (high > 0 || low > 0x7f) {
      this.bytes[this.length++] = (low & 0x7f) | 0x80;
      low = ((low >>> 7) | (high << 25)) >>> 0;
      high >>>= 7;
    }
    this.bytes[this.length++] = low;
  }
}

/** Bytes of an unsigned integer below 2^32 as a varint. */
export function varintSize(value: number): number {
  if (value < 0x80) return 1;
  if (value < 0x4000) return 2;
  if (value < 0x200000) return 3;
  return value < 0x10000000 ? 4 : 5;
}
